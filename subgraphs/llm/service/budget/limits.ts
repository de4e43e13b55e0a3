import type { Caller } from '#platform/auth';
import type { BudgetKey } from '#platform/limits';

import type { BudgetSettings } from '../types';

export interface BudgetLimit {
  /** The name that people see: `monthly_usd`. */
  readonly name: 'monthly_usd' | 'daily_tokens' | 'user_monthly_usd' | 'user_daily_tokens';
  readonly unit: 'usd' | 'tokens';
  readonly key: BudgetKey;
  readonly limit: number;
  readonly resetsAt: Date;
}

/** The limits that a call counts against, always in this order, so that two calls never wait for each other's rows. Periods are UTC. */
export function limitsOf(caller: Caller, budget: BudgetSettings, now: Date): BudgetLimit[] {
  if (Object.values(budget).every((limit) => limit === null)) return [];
  const { tenantId, userId } = caller;
  const month = { period: now.toISOString().slice(0, 7), resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)) };
  const day = {
    period: now.toISOString().slice(0, 10),
    resetsAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)),
  };
  const all: readonly (Omit<BudgetLimit, 'limit'> & { readonly limit: number | null })[] = [
    {
      name: 'monthly_usd',
      unit: 'usd',
      limit: budget.monthlyUsd,
      key: { tenantId, name: 'llm_usd', period: month.period },
      resetsAt: month.resetsAt,
    },
    {
      name: 'daily_tokens',
      unit: 'tokens',
      limit: budget.dailyTokens,
      key: { tenantId, name: 'llm_tokens', period: day.period },
      resetsAt: day.resetsAt,
    },
    {
      name: 'user_monthly_usd',
      unit: 'usd',
      limit: budget.userMonthlyUsd,
      key: { tenantId, userId, name: 'llm_usd', period: month.period },
      resetsAt: month.resetsAt,
    },
    {
      name: 'user_daily_tokens',
      unit: 'tokens',
      limit: budget.userDailyTokens,
      key: { tenantId, userId, name: 'llm_tokens', period: day.period },
      resetsAt: day.resetsAt,
    },
  ];
  return all.filter((each): each is BudgetLimit => each.limit !== null);
}
