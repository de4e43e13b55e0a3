import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { ConfigStore } from '../../store/config.store';
import type { LlmTables } from '../../store/rows';
import { llmEvents } from '../events';
import { AddressRefused, type GuardedFetch } from '../network/guarded-fetch';
import { policy } from '../policy';
import type { SecretBox } from '../secrets/secret-box';
import type { LlmSettings, ProviderSettings } from '../types';
import { applyChange, type ConfigChange } from './config-change';
import { keyContext, type ConfigDirectory } from './config-directory';

export interface ConfigView extends LlmSettings {
  readonly updatedAt: Date | null;
  /** Names of providers that have a key. The keys themselves are never read back. */
  readonly withKey: ReadonlySet<string>;
}

export interface ConfigServiceDeps {
  readonly db: Database<LlmTables>;
  readonly store: ConfigStore;
  readonly directory: ConfigDirectory;
  readonly secrets: SecretBox;
  readonly network: GuardedFetch;
}

export class ConfigService {
  constructor(private readonly deps: ConfigServiceDeps) {}

  async get(caller: Caller): Promise<ConfigView> {
    policy.require(caller, 'llm-config:read');
    const { db, store, directory } = this.deps;
    const [stored, keys] = await db.inTenant(
      caller.tenantId,
      async (tx) => [await store.find(tx, caller.tenantId), await store.keys(tx, caller.tenantId)] as const,
    );
    return { ...directory.settingsFrom(stored), updatedAt: stored?.updated_at ?? null, withKey: new Set(keys.keys()) };
  }

  async update(caller: Caller, change: ConfigChange): Promise<ConfigView> {
    policy.require(caller, 'llm-config:write');
    const { db, store, directory, secrets } = this.deps;
    const { tenantId, userId } = caller;
    // Names are resolved before the transaction: the embedded database has one session, and everybody waits for it.
    await this.checkAddresses(change);
    const version = await db.inTenant(tenantId, async (tx) => {
      const stored = await store.find(tx, tenantId);
      const current = directory.settingsFrom(stored);
      expectVersion(current.version, change.expectedVersion);
      const storedKeys = new Set((await store.keys(tx, tenantId)).keys());
      const settings = applyChange(change, { current, deployment: directory.deployment, storedKeys });
      const written = await store.put(tx, { tenantId, expectedVersion: current.version, settings, userId });
      if (written === null)
        throw errors.CONFLICT({
          what: 'The model configuration was changed by somebody else meanwhile',
          hint: 'read it again and repeat the change',
        });
      for (const { name, apiKey } of change.providers ?? []) {
        if (apiKey) await store.putKey(tx, { tenantId, provider: name, sealed: secrets.seal(apiKey, keyContext(tenantId, name)) });
      }
      await store.dropKeys(tx, tenantId, ownNames(settings.providers));
      await appendToOutbox(tx, { tenantId, type: llmEvents.configChanged, data: { version: written } });
      return written;
    });
    directory.forget(tenantId);
    const view = await this.get(caller);
    return { ...view, version };
  }

  private async checkAddresses(change: ConfigChange): Promise<void> {
    for (const [index, { baseUrl }] of (change.providers ?? []).entries()) {
      if (!baseUrl || !URL.canParse(baseUrl)) continue;
      try {
        await this.deps.network.check(baseUrl);
      } catch (error) {
        if (!(error instanceof AddressRefused)) throw error;
        const field = `providers[${index}].baseUrl`;
        throw errors.INVALID_REQUEST({ what: field, hint: error.message }, { field });
      }
    }
  }
}

function expectVersion(actual: number, expected: number | null | undefined): void {
  if (expected === null || expected === undefined || expected === actual) return;
  throw errors.PRECONDITION_FAILED({ kind: 'model configuration', expected, actual });
}

const ownNames = (providers: readonly ProviderSettings[]): string[] =>
  providers.filter(({ origin }) => origin === 'tenant').map(({ name }) => name);
