import type { Database } from '#platform/db';
import type { Logger } from '#platform/telemetry';

import type { CallStore } from '../../store/call.store';
import type { ConfigStore, StoredConfig } from '../../store/config.store';
import type { LlmTables } from '../../store/rows';
import type { SecretBox } from '../secrets/secret-box';
import type { LlmSettings, ProviderSettings } from '../types';
import { activate, type ActivateOptions, type ActiveConfig } from './active-config';
import { builtinProvider, initialSettings } from './defaults';

export interface DeploymentProvider {
  readonly settings: ProviderSettings;
  readonly apiKey: string | null;
}

export interface ConfigDirectoryDeps extends Pick<ActivateOptions, 'network' | 'guards' | 'analyst' | 'local'> {
  readonly db: Database<LlmTables>;
  readonly store: ConfigStore;
  readonly calls: CallStore;
  readonly secrets: SecretBox;
  readonly deployment: readonly DeploymentProvider[];
  readonly logger: Logger;
  /** After this a configuration is compared with the stored one, without anybody waiting for it. @default 5_000 ms */
  readonly freshMs?: number;
}

interface Held {
  readonly config: ActiveConfig;
  checkedAt: number;
  checking: boolean;
}

const mostTenants = 2_000;

/** Each tenant's active configuration, in memory: no request waits for the database but a process's first of a tenant. */
export class ConfigDirectory {
  private readonly held = new Map<string, Held>();
  private readonly loading = new Map<string, Promise<ActiveConfig>>();
  private readonly freshMs: number;

  constructor(private readonly deps: ConfigDirectoryDeps) {
    this.freshMs = deps.freshMs ?? 5_000;
  }

  get deployment(): readonly ProviderSettings[] {
    return this.deps.deployment.map(({ settings }) => settings);
  }

  active(tenantId: string): ActiveConfig | Promise<ActiveConfig> {
    const held = this.held.get(tenantId);
    if (!held) return this.load(tenantId);
    if (Date.now() - held.checkedAt > this.freshMs && !held.checking) void this.recheck(tenantId, held);
    return held.config;
  }

  /** After a write of this process. */
  forget(tenantId: string): void {
    this.held.delete(tenantId);
    this.loading.delete(tenantId);
  }

  /** Stored settings over the operator's providers as they are today. */
  settingsFrom(stored: StoredConfig | null): LlmSettings {
    const initial = initialSettings(this.deployment);
    if (!stored) return initial;
    const settings = { ...initial, ...(stored.settings as Partial<LlmSettings>), version: stored.version };
    const known = new Map([...this.deployment, builtinProvider].map((each) => [each.name, each]));
    const providers = settings.providers.flatMap((provider): ProviderSettings[] => {
      if (provider.origin === 'tenant') return [provider];
      const operators = known.get(provider.name);
      // The operator has taken it away: so it is gone for the tenant too.
      if (!operators) return [];
      const { kind, baseUrl, region, apiVersion } = operators;
      return [{ ...provider, kind, baseUrl, region, apiVersion }];
    });
    return { ...settings, providers: providers.length > 0 ? providers : initial.providers };
  }

  private load(tenantId: string): Promise<ActiveConfig> {
    const running = this.loading.get(tenantId);
    if (running) return running;
    const loading = this.read(tenantId).finally(() => {
      if (this.loading.get(tenantId) === loading) this.loading.delete(tenantId);
    });
    this.loading.set(tenantId, loading);
    return loading;
  }

  private async read(tenantId: string): Promise<ActiveConfig> {
    const { db, store, deployment, network, guards, analyst, local } = this.deps;
    const [stored, sealed] = await db.inTenant(
      tenantId,
      async (tx) => [await store.find(tx, tenantId), await store.keys(tx, tenantId)] as const,
    );
    const keys = new Map(deployment.flatMap(({ settings, apiKey }) => (apiKey ? [[settings.name, apiKey] as const] : [])));
    const settings = this.settingsFrom(stored);
    for (const provider of settings.providers) {
      if (provider.origin !== 'tenant') continue;
      keys.delete(provider.name);
      const text = sealed.get(provider.name);
      const opened = text === undefined ? null : this.open(text, tenantId, provider.name);
      if (opened !== null) keys.set(provider.name, opened);
    }
    const config = activate({ tenantId, settings, keys, network, guards, analyst, local });
    if (this.held.size >= mostTenants) this.held.delete(this.held.keys().next().value!);
    this.held.set(tenantId, { config, checkedAt: Date.now(), checking: false });
    void this.learn(tenantId, config);
    return config;
  }

  /** What earlier processes measured, so that a restart does not forget which model is fast. */
  private async learn(tenantId: string, { targets }: ActiveConfig): Promise<void> {
    try {
      const since = new Date(Date.now() - 3_600_000);
      const rows = await this.deps.db.inTenant(tenantId, (tx) => this.deps.calls.performance(tx, tenantId, since));
      for (const { provider, model, first_token_p50: firstTokenMs, p50: totalMs } of rows) {
        targets.find((target) => target.provider.name === provider && target.model === model)?.guard.seed({ firstTokenMs, totalMs });
      }
    } catch (error) {
      this.deps.logger.warn(
        { event: 'llm.history_failed', tenantId, err: error },
        'earlier latencies could not be read; models count as unmeasured',
      );
    }
  }

  // A key sealed under an earlier ENCRYPTION_KEY does not open. The provider then answers 401 and the reason is in every decision.
  private open(sealed: string, tenantId: string, provider: string): string | null {
    try {
      return this.deps.secrets.open(sealed, keyContext(tenantId, provider));
    } catch (error) {
      this.deps.logger.error(
        { event: 'llm.key_unreadable', tenantId, provider, err: error },
        'a provider key cannot be decrypted; it must be entered again',
      );
      return null;
    }
  }

  private async recheck(tenantId: string, held: Held): Promise<void> {
    held.checking = true;
    try {
      const version = await this.deps.db.inTenant(tenantId, (tx) => this.deps.store.version(tx, tenantId));
      held.checkedAt = Date.now();
      if (version !== held.config.settings.version && this.held.get(tenantId) === held) await this.load(tenantId);
    } catch (error) {
      // The database is away: the configuration in memory goes on serving.
      held.checkedAt = Date.now();
      this.deps.logger.warn(
        { event: 'llm.config_check_failed', tenantId, err: error },
        'the stored model configuration could not be checked',
      );
    } finally {
      held.checking = false;
    }
  }
}

export const keyContext = (tenantId: string, provider: string): string => `llm-key|${tenantId}|${provider}`;
