import type { EmbeddingModelV3 } from '@ai-sdk/provider';

import type { Caller } from '#platform/auth';

import type { GuardedFetch } from '../network/guarded-fetch';
import type { Analyst } from '../ports';
import { builtinModel } from '../providers/builtin-model';
import type { LocalModel } from '../providers/local-model';
import type { RouterModel } from '../providers/part-reader';
import { modelFacts, type ModelFacts } from '../providers/model-facts';
import { priceList, type PriceList } from '../providers/prices';
import { providerModels, type ProviderModels } from '../providers/provider-models';
import type { ModelGuard } from '../resilience/model-guard';
import type { LlmSettings, ModelOverride, ProviderSettings } from '../types';
import type { GuardRegistry } from './guard-registry';

/** One model of one enabled provider, ready to be called. */
export interface Target {
  readonly provider: ProviderSettings;
  readonly model: string;
  readonly override: ModelOverride | undefined;
  readonly guard: ModelGuard;
  readonly facts: ModelFacts & PriceList;
  /** Whose requests a minute are counted together. */
  readonly rateKey: string;
  /** As of the last request; null: not known or not limited. */
  rateRemaining: { value: number; until: number } | null;
  readonly chainPosition: number | null;
  languageModel(caller: Caller): RouterModel;
  embeddingModel(model: string): EmbeddingModelV3 | null;
}

/** A tenant's settings with everything that is made once from them. */
export interface ActiveConfig {
  readonly settings: LlmSettings;
  readonly targets: readonly Target[];
}

export interface ActivateOptions {
  readonly tenantId: string;
  readonly settings: LlmSettings;
  readonly keys: ReadonlyMap<string, string>;
  readonly network: GuardedFetch;
  readonly guards: GuardRegistry;
  readonly analyst: Analyst | null;
  /** The operator's own model on this machine. */
  readonly local: LocalModel | null;
}

export function activate(options: ActivateOptions): ActiveConfig {
  const { settings } = options;
  const targets = settings.providers.filter(({ enabled }) => enabled).flatMap((provider) => targetsOf(provider, options));
  return { settings, targets };
}

function targetsOf(provider: ProviderSettings, { tenantId, settings, keys, network, guards, analyst, local }: ActivateOptions): Target[] {
  const apiKey = keys.get(provider.name) ?? null;
  let models: ProviderModels | undefined;
  const made = (): ProviderModels => (models ??= providerModels(provider, { apiKey, network }));
  return provider.models.map((model): Target => {
    const override = provider.overrides.find((each) => each.model === model);
    return {
      provider,
      model,
      override,
      guard: guards.of(tenantId, provider, { model, apiKey }),
      facts: { ...modelFacts(provider.kind, model, override), ...priceList({ kind: provider.kind, model, override }) },
      rateKey: `llm:${provider.origin === 'deployment' ? 'deployment' : tenantId}:${provider.name}`,
      rateRemaining: null,
      chainPosition: positionIn(settings.fallbackChain, provider.name, model),
      languageModel(caller) {
        if (provider.kind === 'builtin') return builtinModel(caller, analyst);
        return provider.kind === 'local' && local ? local.languageModel() : made().chat(model);
      },
      embeddingModel: (name) => (provider.kind === 'builtin' || provider.kind === 'local' ? null : made().embedding(name)),
    };
  });
}

const positionIn = (chain: readonly string[], provider: string, model: string): number | null => {
  const place = chain.findIndex((entry) => entry === provider || entry === `${provider}/${model}`);
  return place === -1 ? null : place;
};
