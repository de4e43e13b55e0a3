import { sql, type Insertable, type Updateable } from 'kysely';

import { json, type Tx } from '#platform/db';
import type { Page } from '#platform/graphql';

import type { Key } from './agent.store';
import type { AgentTables, FindingTable, RunRow, RunTable, StepRow, StepTable } from './rows';

/** States that a run never leaves. */
const ended = ['completed', 'failed', 'cancelled'];

export interface Held extends Key {
  readonly executor: string;
}

export class RunStore {
  async insert(tx: Tx<AgentTables>, row: Insertable<RunTable>): Promise<RunRow> {
    return tx.insertInto('agent_runs').values(row).returningAll().executeTakeFirstOrThrow();
  }

  async find(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<RunRow | null> {
    return (
      (await tx.selectFrom('agent_runs').selectAll().where('tenant_id', '=', tenantId).where('id', '=', id).executeTakeFirst()) ?? null
    );
  }

  async findByIds(tx: Tx<AgentTables>, tenantId: string, ids: readonly string[]): Promise<RunRow[]> {
    return tx
      .selectFrom('agent_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .execute();
  }

  async findByMessages(tx: Tx<AgentTables>, tenantId: string, messageIds: readonly string[]): Promise<RunRow[]> {
    return tx
      .selectFrom('agent_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('message_id', 'in', [...messageIds])
      .execute();
  }

  async list(
    tx: Tx<AgentTables>,
    {
      tenantId,
      userId,
      sessionId,
      status,
    }: { readonly tenantId: string; readonly userId: string | null; readonly sessionId: string | null; readonly status: string | null },
    page: Page,
  ): Promise<RunRow[]> {
    let query = tx
      .selectFrom('agent_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit + 1)
      .offset(page.offset);
    if (userId) query = query.where('user_id', '=', userId);
    if (sessionId) query = query.where('session_id', '=', sessionId);
    if (status) query = query.where('status', '=', status);
    if (page.after) {
      const [at, id] = [new Date(String(page.after[0])), String(page.after[1])];
      query = query.where((where) =>
        where.or([where('created_at', '<', at), where.and([where('created_at', '=', at), where('id', '<', id)])]),
      );
    }
    return query.execute();
  }

  async children(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<RunRow[]> {
    return tx.selectFrom('agent_runs').selectAll().where('tenant_id', '=', tenantId).where('parent_id', '=', id).orderBy('id').execute();
  }

  /** Gives the run to one executor; whoever held it before can no longer write. Null where it has ended. */
  async take(tx: Tx<AgentTables>, { tenantId, id, executor }: Held): Promise<RunRow | null> {
    const taken = await tx
      .updateTable('agent_runs')
      .set({ executor })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('status', 'not in', ended)
      .returningAll()
      .executeTakeFirst();
    return taken ?? null;
  }

  /** Null where the executor has lost the run, or it has ended. */
  async update(tx: Tx<AgentTables>, { tenantId, id, executor }: Held, change: Updateable<RunTable>): Promise<RunRow | null> {
    const updated = await tx
      .updateTable('agent_runs')
      .set(change)
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('executor', '=', executor)
      .where('status', 'not in', ended)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  /** Ends a run whoever holds it: cancellation, expiry. Null where it had ended. */
  async end(tx: Tx<AgentTables>, { tenantId, id }: Key, change: Updateable<RunTable>): Promise<RunRow | null> {
    const updated = await tx
      .updateTable('agent_runs')
      .set({ ...change, executor: null, finished_at: sql<Date>`now()` })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .where('status', 'not in', ended)
      .returningAll()
      .executeTakeFirst();
    return updated ?? null;
  }

  /** Locks a run until the transaction ends. */
  async lock(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<void> {
    await tx.selectFrom('agent_runs').select('id').where('tenant_id', '=', tenantId).where('id', '=', id).forUpdate().execute();
  }

  /** Makes what its members have used the use of a team's run. Null for a run without members. */
  async sumUp(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<RunRow | null> {
    const sums = await tx
      .selectFrom('agent_runs')
      .select([
        sql<string>`sum(tokens_used)`.as('tokens'),
        sql<string>`sum(cost_usd)`.as('cost'),
        sql<string>`sum(iterations)`.as('iterations'),
      ])
      .where('tenant_id', '=', tenantId)
      .where('parent_id', '=', id)
      .executeTakeFirst();
    if (!sums || sums.tokens === null) return null;
    const summed = await tx
      .updateTable('agent_runs')
      .set({ tokens_used: Number(sums.tokens), cost_usd: Number(sums.cost), iterations: Number(sums.iterations) })
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    return summed ?? null;
  }

  /** A decision has arrived: the run no longer waits. */
  async resume(tx: Tx<AgentTables>, tenantId: string, ids: readonly string[]): Promise<void> {
    await tx
      .updateTable('agent_runs')
      .set({ status: 'executing' })
      .where('tenant_id', '=', tenantId)
      .where('id', 'in', [...ids])
      .where('status', '=', 'waiting_approval')
      .execute();
  }

  async setJob(tx: Tx<AgentTables>, { tenantId, id }: Key, jobId: string): Promise<void> {
    await tx.updateTable('agent_runs').set({ job_id: jobId }).where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  }

  /** Members of teams, in the order in which they began. */
  async membersOf(tx: Tx<AgentTables>, tenantId: string, ids: readonly string[]): Promise<RunRow[]> {
    if (ids.length === 0) return [];
    return tx
      .selectFrom('agent_runs')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('parent_id', 'in', [...ids])
      .orderBy('created_at')
      .orderBy('id')
      .execute();
  }

  async descendants(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<RunRow[]> {
    return tx.selectFrom('agent_runs').selectAll().where('tenant_id', '=', tenantId).where('root_id', '=', id).execute();
  }

  async steps(tx: Tx<AgentTables>, { tenantId, id }: Key): Promise<StepRow[]> {
    return tx.selectFrom('agent_steps').selectAll().where('tenant_id', '=', tenantId).where('run_id', '=', id).orderBy('number').execute();
  }

  async stepsOf(tx: Tx<AgentTables>, tenantId: string, runIds: readonly string[]): Promise<StepRow[]> {
    return tx
      .selectFrom('agent_steps')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('run_id', 'in', [...runIds])
      .orderBy('run_id')
      .orderBy('number')
      .execute();
  }

  async insertSteps(tx: Tx<AgentTables>, rows: readonly Insertable<StepTable>[]): Promise<void> {
    await tx
      .insertInto('agent_steps')
      .values([...rows])
      .execute();
  }

  async updateStep(
    tx: Tx<AgentTables>,
    { tenantId, runId, number }: { readonly tenantId: string; readonly runId: string; readonly number: number },
    { status, output, tokensUsed }: { readonly status: string; readonly output?: unknown; readonly tokensUsed?: number },
  ): Promise<void> {
    await tx
      .updateTable('agent_steps')
      .set({
        status,
        ...(output === undefined ? {} : { output: json(output) }),
        ...(tokensUsed === undefined ? {} : { tokens_used: tokensUsed }),
        ...(status === 'running' || status === 'waiting' || status === 'approved' ? {} : { finished_at: sql<Date>`now()` }),
      })
      .where('tenant_id', '=', tenantId)
      .where('run_id', '=', runId)
      .where('number', '=', number)
      .execute();
  }

  /** Runs that a person began within the last so many milliseconds. */
  async countSince(
    tx: Tx<AgentTables>,
    { tenantId, userId, withinMs }: { readonly tenantId: string; readonly userId: string; readonly withinMs: number },
  ): Promise<number> {
    const { count } = await tx
      .selectFrom('agent_runs')
      .select((all) => all.fn.countAll<string>().as('count'))
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('parent_id', 'is', null)
      .where('created_at', '>', sql<Date>`now() - ${withinMs} * interval '1 millisecond'`)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** What the tenant's runs have spent on models in the last so many milliseconds. */
  async spentSince(
    tx: Tx<AgentTables>,
    { tenantId, withinMs }: { readonly tenantId: string; readonly withinMs: number },
  ): Promise<{ readonly tokens: number; readonly costUsd: number }> {
    const { tokens, cost } = await tx
      .selectFrom('agent_runs')
      .select([sql<string>`coalesce(sum(tokens_used), 0)`.as('tokens'), sql<string>`coalesce(sum(cost_usd), 0)`.as('cost')])
      .where('tenant_id', '=', tenantId)
      // The run of a team repeats what its members have used.
      .where((where) => where.or([where('team_id', 'is', null), where('parent_id', 'is not', null)]))
      .where('created_at', '>', sql<Date>`now() - ${withinMs} * interval '1 millisecond'`)
      .executeTakeFirstOrThrow();
    return { tokens: Number(tokens), costUsd: Number(cost) };
  }

  async insertFindings(tx: Tx<AgentTables>, rows: readonly Insertable<FindingTable>[]): Promise<void> {
    if (rows.length > 0)
      await tx
        .insertInto('agent_findings')
        .values([...rows])
        .execute();
  }
}
