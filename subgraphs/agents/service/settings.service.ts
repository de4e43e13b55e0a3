import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import type { Page } from '#platform/graphql';

import type { AgentTables, MemoryRow } from '../store/rows';
import type { SettingsStore } from '../store/settings.store';

import { checkedThresholds, guardrailDescriptions, guardrailNames, settingsFrom, type GuardrailName } from './guardrails/settings';
import { policy } from './policy';

export interface Guardrail {
  readonly name: GuardrailName;
  readonly description: string;
  readonly enabled: boolean;
  readonly thresholds: Readonly<Record<string, unknown>>;
}

export interface SettingsServiceDeps {
  readonly db: Database<AgentTables>;
  readonly settings: SettingsStore;
}

/** Guardrails of a tenant, and the memory of agents about people. */
export class SettingsService {
  constructor(private readonly deps: SettingsServiceDeps) {}

  async guardrails(caller: Caller): Promise<readonly Guardrail[]> {
    policy.require(caller, 'guardrail:read');
    const settings = settingsFrom(await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.settings.guardrails(tx, caller.tenantId)));
    return guardrailNames.map((name) => {
      const { enabled, ...thresholds } = settings[name];
      return { name, description: guardrailDescriptions[name], enabled, thresholds };
    });
  }

  async updateGuardrail(
    caller: Caller,
    { name, enabled, thresholds }: { readonly name: GuardrailName; readonly enabled?: boolean | null; readonly thresholds?: unknown },
  ): Promise<Guardrail> {
    policy.require(caller, 'guardrail:write');
    if (!guardrailNames.includes(name)) throw errors.NOT_FOUND({ kind: 'guardrail' });
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const { enabled: before, ...current } = settingsFrom(await this.deps.settings.guardrails(tx, tenantId))[name];
      const checked = checkedThresholds(name, { ...current, ...(thresholds as Record<string, unknown> | null | undefined) });
      const row = await this.deps.settings.putGuardrail(tx, {
        tenantId,
        name,
        enabled: enabled ?? before,
        thresholds: checked,
        updatedBy: caller.userId,
      });
      return { name, description: guardrailDescriptions[name], enabled: row.enabled, thresholds: checked };
    });
  }

  /** Own memory only: what agents know about a person is theirs. */
  async memory(
    caller: Caller,
    { sessionId, page }: { readonly sessionId: string | null; readonly page: Page },
  ): Promise<readonly MemoryRow[]> {
    policy.require(caller, 'memory:read');
    return this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.settings.memory(tx, { tenantId: caller.tenantId, userId: caller.userId, sessionId }, page),
    );
  }

  async forget(
    caller: Caller,
    { sessionId, memoryId }: { readonly sessionId: string | null; readonly memoryId: string | null },
  ): Promise<number> {
    policy.require(caller, 'memory:delete');
    return this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.settings.forget(tx, { tenantId: caller.tenantId, userId: caller.userId, sessionId, id: memoryId }),
    );
  }

  /** Keeps a note about a person. The same id twice is one note. */
  async remember(
    caller: Caller,
    { id, content, runId }: { readonly id: string; readonly content: string; readonly runId: string },
  ): Promise<void> {
    policy.require(caller, 'agent:run');
    await this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.settings.remember(tx, { tenant_id: caller.tenantId, id, user_id: caller.userId, session_id: null, content, run_id: runId }),
    );
  }
}
