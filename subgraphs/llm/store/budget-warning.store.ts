import type { Tx } from '#platform/db';

import type { LlmTables } from './rows';

export class BudgetWarningStore {
  /** True for the first of all processes that says so. */
  async claim(tx: Tx<LlmTables>, warning: { tenantId: string; userId: string; budget: string; period: string }): Promise<boolean> {
    const row = await tx
      .insertInto('llm_budget_warnings')
      .values({ tenant_id: warning.tenantId, user_id: warning.userId, budget: warning.budget, period: warning.period })
      .onConflict((conflict) => conflict.doNothing())
      .returning('budget')
      .executeTakeFirst();
    return row !== undefined;
  }
}
