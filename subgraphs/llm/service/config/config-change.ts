import { errors } from '#platform/errors';

import { defaultModels } from '../providers/model-facts';
import type {
  BudgetSettings,
  CacheSettings,
  LlmSettings,
  ModelOverride,
  ProviderKind,
  ProviderSettings,
  Strategy,
  TimeoutSettings,
} from '../types';
import { providerKinds } from '../types';

export interface ProviderChange {
  readonly name: string;
  readonly kind?: ProviderKind | null;
  readonly enabled?: boolean | null;
  readonly priority?: number | null;
  readonly models?: readonly string[] | null;
  readonly baseUrl?: string | null;
  readonly region?: string | null;
  readonly apiVersion?: string | null;
  readonly rateLimitRpm?: number | null;
  readonly maxTokens?: number | null;
  readonly maxConcurrent?: number | null;
  readonly overrides?: readonly ModelOverride[] | null;
  /** Written, never read back. Absent: the key stored under this name is kept. */
  readonly apiKey?: string | null;
}

/** Absent fields stay as they are; `null` clears a limit. `providers` replaces the whole list. */
export interface ConfigChange {
  readonly defaultStrategy?: Strategy | null;
  readonly providers?: readonly ProviderChange[] | null;
  readonly fallbackChain?: readonly string[] | null;
  readonly budget?: { readonly [Limit in keyof BudgetSettings]?: number | null };
  readonly cache?: Partial<CacheSettings> | null;
  readonly timeouts?: Partial<TimeoutSettings> | null;
  readonly maxRetries?: number | null;
  /** Refused where another writer was faster. */
  readonly expectedVersion?: number | null;
}

export interface ChangeContext {
  readonly current: LlmSettings;
  /** The operator's providers. */
  readonly deployment: readonly ProviderSettings[];
  /** Names of providers whose key is stored. */
  readonly storedKeys: ReadonlySet<string>;
}

const invalid = (field: string, hint: string): Error => errors.INVALID_REQUEST({ what: field, hint }, { field });

const within = (field: string, value: number | null | undefined, [minimum, maximum]: readonly [number, number]): void => {
  if (value === null || value === undefined) return;
  if (!Number.isFinite(value) || value < minimum || value > maximum) throw invalid(field, `it must be from ${minimum} to ${maximum}`);
};

const needsUrl: ReadonlySet<ProviderKind> = new Set(['openai_compatible', 'azure']);
const needsKey: ReadonlySet<ProviderKind> = new Set(['openai', 'anthropic', 'google', 'bedrock', 'azure']);

/** The settings after a change, or INVALID_REQUEST with the field that is wrong. Nothing is stored here. */
export function applyChange(change: ConfigChange, context: ChangeContext): LlmSettings {
  const { current } = context;
  const providers = change.providers
    ? change.providers.map((each, index) => toProvider(each, `providers[${index}]`, context))
    : current.providers;
  const settings: LlmSettings = {
    version: current.version,
    defaultStrategy: change.defaultStrategy ?? current.defaultStrategy,
    providers,
    fallbackChain: change.fallbackChain ?? current.fallbackChain.filter((entry) => inChain(entry, providers)),
    budget: { ...current.budget, ...definedOf(change.budget ?? {}) },
    cache: { ...current.cache, ...valuesOf(change.cache ?? {}) },
    timeouts: { ...current.timeouts, ...valuesOf(change.timeouts ?? {}) },
    maxRetries: change.maxRetries ?? current.maxRetries,
  };
  check(settings);
  return settings;
}

function toProvider(change: ProviderChange, field: string, { current, deployment, storedKeys }: ChangeContext): ProviderSettings {
  const { name } = change;
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(name)) throw invalid(`${field}.name`, 'use up to 64 letters, digits, hyphens and underscores');
  const before = current.providers.find((each) => each.name === name);
  const operators = deployment.find((each) => each.name === name);
  const kind = change.kind ?? before?.kind ?? operators?.kind ?? (providerKinds as readonly string[]).find((each) => each === name) ?? null;
  if (kind === null) throw invalid(`${field}.kind`, `say which kind of provider ${name} is: ${providerKinds.join(', ')}`);
  const ownConnection = Boolean(change.apiKey || change.baseUrl);
  if (kind === 'local' && (operators?.kind !== 'local' || ownConnection))
    throw invalid(
      `${field}.kind`,
      'a local model is a file of the server: the operator names it by LOCAL_MODEL_PATH, and it has no key or address',
    );
  const origin =
    kind === 'builtin' || (operators?.kind === kind && !ownConnection && before?.origin !== 'tenant') ? 'deployment' : 'tenant';
  const base = origin === 'deployment' ? operators : before;
  const provider: ProviderSettings = {
    name,
    kind: kind as ProviderKind,
    enabled: change.enabled ?? before?.enabled ?? true,
    priority: change.priority ?? before?.priority ?? 100,
    models: dedupe(change.models ?? before?.models ?? operators?.models ?? defaultModels[kind as ProviderKind] ?? []),
    baseUrl: change.baseUrl === undefined ? (base?.baseUrl ?? null) : change.baseUrl,
    region: change.region === undefined ? (base?.region ?? null) : change.region,
    apiVersion: change.apiVersion === undefined ? (base?.apiVersion ?? null) : change.apiVersion,
    rateLimitRpm: change.rateLimitRpm === undefined ? (before?.rateLimitRpm ?? null) : change.rateLimitRpm,
    maxTokens: change.maxTokens === undefined ? (before?.maxTokens ?? null) : change.maxTokens,
    maxConcurrent: change.maxConcurrent ?? before?.maxConcurrent ?? 64,
    overrides: change.overrides ?? before?.overrides ?? [],
    origin,
  };
  checkProvider(provider, field);
  if (origin === 'tenant') {
    const hasStored = storedKeys.has(name);
    // Otherwise a write-only key could be read back by sending it to a host of one's own.
    if (hasStored && !change.apiKey && before && (before.baseUrl !== provider.baseUrl || before.kind !== provider.kind)) {
      throw invalid(`${field}.apiKey`, 'give the key again when the kind or the address of a provider changes');
    }
    if (provider.enabled && needsKey.has(provider.kind) && !change.apiKey && !hasStored) {
      throw invalid(`${field}.apiKey`, `${provider.kind} needs a key; give one or disable ${name}`);
    }
  }
  return provider;
}

function checkProvider(provider: ProviderSettings, field: string): void {
  if (provider.enabled && provider.models.length === 0) throw invalid(`${field}.models`, `name at least one model of ${provider.name}`);
  if (provider.models.length > 50) throw invalid(`${field}.models`, 'name at most 50 models');
  const odd = provider.models.find((model) => model.length === 0 || model.length > 200 || /\s/.test(model));
  if (odd !== undefined) throw invalid(`${field}.models`, 'a model name has 1 to 200 characters and no spaces');
  if (provider.enabled && provider.origin === 'tenant' && needsUrl.has(provider.kind) && !provider.baseUrl) {
    throw invalid(`${field}.baseUrl`, `${provider.kind} needs its base URL, such as https://models.example.com/v1`);
  }
  if (provider.baseUrl !== null) checkUrl(provider.baseUrl, `${field}.baseUrl`);
  if (provider.region !== null && !/^[a-z0-9-]{1,40}$/.test(provider.region))
    throw invalid(`${field}.region`, 'it must look like us-east-1');
  within(`${field}.priority`, provider.priority, [0, 10_000]);
  within(`${field}.rateLimitRpm`, provider.rateLimitRpm, [1, 1_000_000]);
  within(`${field}.maxTokens`, provider.maxTokens, [1, 1_000_000]);
  within(`${field}.maxConcurrent`, provider.maxConcurrent, [1, 10_000]);
  provider.overrides.forEach((override, index) => {
    within(`${field}.overrides[${index}].inputUsdPerMillion`, override.inputUsdPerMillion, [0, 100_000]);
    within(`${field}.overrides[${index}].outputUsdPerMillion`, override.outputUsdPerMillion, [0, 100_000]);
    within(`${field}.overrides[${index}].quality`, override.quality, [0, 100]);
    within(`${field}.overrides[${index}].contextTokens`, override.contextTokens, [1, 100_000_000]);
  });
}

function checkUrl(text: string, field: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw invalid(field, 'it must be an http or https address');
  if (url.username || url.password) throw invalid(field, 'credentials belong in apiKey, not in the address');
}

function check({ providers, fallbackChain, budget, cache, timeouts, maxRetries }: LlmSettings): void {
  if (providers.length > 20) throw invalid('providers', 'configure at most 20');
  const names = providers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid('providers', `the name ${twice} is used twice`);
  if (!providers.some(({ enabled }) => enabled)) {
    throw invalid('providers', 'this would leave no provider at all; enable at least one, if only builtin, which needs no key');
  }
  fallbackChain.forEach((entry, index) => {
    if (!inChain(entry, providers)) throw invalid(`fallbackChain[${index}]`, `${entry} is not a configured provider or provider/model`);
  });
  for (const [name, value] of Object.entries(budget)) within(`budget.${name}`, value, [0, 1_000_000_000_000]);
  within('cache.ttlSeconds', cache.ttlSeconds, [1, 2_592_000]);
  within('cache.threshold', cache.threshold, [0.5, 1]);
  within('cache.maxTemperature', cache.maxTemperature, [0, 2]);
  within('timeouts.firstTokenMs', timeouts.firstTokenMs, [100, 600_000]);
  within('timeouts.idleMs', timeouts.idleMs, [100, 600_000]);
  within('timeouts.totalMs', timeouts.totalMs, [100, 3_600_000]);
  within('maxRetries', maxRetries, [0, 5]);
}

const inChain = (entry: string, providers: readonly ProviderSettings[]): boolean =>
  providers.some(({ name, models }) => entry === name || models.some((model) => entry === `${name}/${model}`));

const dedupe = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Without the absent ones; `null` stays, as it clears. */
const definedOf = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;

const valuesOf = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null)) as Value;
