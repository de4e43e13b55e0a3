import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';

import type { CallStore, PerformanceRow, SubjectUsageRow, UsageRow } from '../../store/call.store';
import type { LlmTables } from '../../store/rows';
import type { BudgetKeeper } from '../budget/budget-keeper';
import type { Target } from '../config/active-config';
import type { ConfigDirectory } from '../config/config-directory';
import { policy } from '../policy';
import type { CallLog } from './call-log';

export type { PerformanceRow, SubjectUsageRow } from '../../store/call.store';

export interface UsageTotals {
  readonly requests: number;
  readonly failed: number;
  readonly cached: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly costUsd: number;
  readonly savedUsd: number;
}

export interface UsageReport extends UsageTotals {
  readonly since: Date;
  readonly periodDays: number;
  readonly byModel: readonly (UsageTotals & { readonly provider: string; readonly model: string })[];
  readonly daily: readonly { readonly day: string; readonly requests: number; readonly tokens: number; readonly costUsd: number }[];
  readonly budgets: readonly {
    readonly name: string;
    readonly unit: string;
    readonly limit: number;
    readonly spent: number;
    readonly reserved: number;
    readonly resetsAt: Date;
    readonly isWarning: boolean;
  }[];
}

export interface ProviderHealth {
  readonly target: Target;
  readonly status: 'healthy' | 'degraded' | 'down' | 'unknown';
  readonly reasons: readonly string[];
  readonly recent: PerformanceRow | null;
}

export interface UsageServiceDeps {
  readonly db: Database<LlmTables>;
  readonly calls: CallStore;
  readonly log: CallLog;
  readonly budgets: BudgetKeeper;
  readonly directory: ConfigDirectory;
  readonly now: () => Date;
}

const bounded = (name: string, value: number, maximum: number): number => {
  if (Number.isInteger(value) && value >= 1 && value <= maximum) return value;
  throw errors.INVALID_REQUEST({ what: name, hint: `it must be a whole number from 1 to ${maximum}` }, { field: name });
};

export class UsageService {
  constructor(private readonly deps: UsageServiceDeps) {}

  async usage(caller: Caller, { periodDays = 30 }: { readonly periodDays?: number }): Promise<UsageReport> {
    policy.require(caller, 'llm-usage:read');
    const days = bounded('periodDays', periodDays, 366);
    const since = this.daysAgo(days);
    await this.deps.log.flush();
    const { tenantId } = caller;
    const [rows, daily] = await this.deps.db.inTenant(
      tenantId,
      async (tx) => [await this.deps.calls.usage(tx, tenantId, { since }), await this.deps.calls.daily(tx, tenantId, since)] as const,
    );
    const { settings } = await this.deps.directory.active(tenantId);
    const budgets = await this.deps.budgets.standing(caller, settings.budget);
    return {
      ...sum(rows.map(toTotals)),
      since,
      periodDays: days,
      byModel: rows.map((row) => ({ provider: row.provider, model: row.model, ...toTotals(row) })),
      daily: daily.map(({ day, requests, tokens, cost_usd: costUsd }) => ({ day, requests, tokens, costUsd })),
      budgets: budgets.map(({ name, unit, limit, spent, reserved, resetsAt }) => ({
        name,
        unit,
        limit,
        spent,
        reserved,
        resetsAt,
        isWarning: spent >= limit * 0.8,
      })),
    };
  }

  async performance(caller: Caller, { windowMinutes = 60 }: { readonly windowMinutes?: number }): Promise<readonly PerformanceRow[]> {
    policy.require(caller, 'llm-usage:read');
    const minutes = bounded('windowMinutes', windowMinutes, 43_200);
    await this.deps.log.flush();
    return this.deps.db.inTenant(caller.tenantId, (tx) =>
      this.deps.calls.performance(tx, caller.tenantId, new Date(this.deps.now().getTime() - minutes * 60_000)),
    );
  }

  /** Each enabled model as it stands in this process, with what the stored calls of the last quarter of an hour say. */
  async health(caller: Caller): Promise<readonly ProviderHealth[]> {
    policy.require(caller, 'llm-usage:read');
    const recent = await this.performance(caller, { windowMinutes: 15 });
    const { targets } = await this.deps.directory.active(caller.tenantId);
    return targets.map((target) => {
      const row = recent.find(({ provider, model }) => provider === target.provider.name && model === target.model) ?? null;
      return { target, recent: row, ...judge(target, row) };
    });
  }

  /** What messages and runs came to, by their ids; null for one without model calls of this tenant. */
  async ofSubjects(caller: Caller, usageIds: readonly string[]): Promise<readonly (SubjectUsageRow | null)[]> {
    policy.require(caller, 'llm:use');
    await this.deps.log.flush();
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.calls.bySubject(tx, caller.tenantId, usageIds));
    const byId = new Map(rows.map((row) => [row.usage_id, row]));
    return usageIds.map((id) => byId.get(id) ?? null);
  }

  private daysAgo(days: number): Date {
    return new Date(this.deps.now().getTime() - days * 86_400_000);
  }
}

function judge({ guard, provider }: Target, recent: PerformanceRow | null): Pick<ProviderHealth, 'status' | 'reasons'> {
  const { breaker, waitMs, errorRate, freeSlots } = guard.facts;
  const stored = recent && recent.attempts > 0 ? recent.failed / recent.attempts : 0;
  const rate = Math.max(errorRate, stored);
  const reasons = [
    ...(breaker === 'open'
      ? [`the breaker is open${waitMs > 0 ? ` for another ${Math.ceil(waitMs / 1_000)} s` : '; the next call tests it'}`]
      : []),
    ...(breaker === 'half_open' ? ['one call is testing whether it has recovered'] : []),
    ...(breaker === 'closed' && waitMs > 0 ? [`the provider asked for ${Math.ceil(waitMs / 1_000)} s of silence`] : []),
    ...(freeSlots <= 0 ? ['all its places are taken'] : []),
    ...(rate > 0.1 ? [`${Math.round(rate * 100)} % of recent attempts failed`] : []),
  ];
  if (breaker === 'open') return { status: 'down', reasons };
  if (reasons.length > 0) return { status: 'degraded', reasons };
  const isProven = provider.kind === 'builtin' || guard.facts.totalMs !== null || (recent?.attempts ?? 0) > 0;
  return isProven ? { status: 'healthy', reasons: [] } : { status: 'unknown', reasons: ['not called yet'] };
}

const toTotals = (row: UsageRow): UsageTotals => ({
  requests: row.requests,
  failed: row.failed,
  cached: row.cached,
  promptTokens: row.prompt_tokens,
  completionTokens: row.completion_tokens,
  costUsd: row.cost_usd,
  savedUsd: row.saved_usd,
});

const sum = (rows: readonly UsageTotals[]): UsageTotals => ({
  requests: total(rows, 'requests'),
  failed: total(rows, 'failed'),
  cached: total(rows, 'cached'),
  promptTokens: total(rows, 'promptTokens'),
  completionTokens: total(rows, 'completionTokens'),
  costUsd: total(rows, 'costUsd'),
  savedUsd: total(rows, 'savedUsd'),
});

const total = (rows: readonly UsageTotals[], field: keyof UsageTotals): number => rows.reduce((all, row) => all + row[field], 0);
