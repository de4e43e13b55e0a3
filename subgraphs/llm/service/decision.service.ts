import { hasRole, type Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import type { DecisionStore, StoredDecision } from '../store/decision.store';
import type { LlmTables } from '../store/rows';
import { policy } from './policy';
import type { RequestFacts, Verdict } from './strategy/facts';
import { rank } from './strategy/score';
import { strategies, type Attempt, type Strategy } from './types';
import type { CallLog } from './usage/call-log';

export interface Decision {
  readonly id: string;
  readonly userId: string;
  readonly strategy: Strategy;
  readonly provider: string | null;
  readonly model: string | null;
  readonly status: string;
  readonly request: RequestFacts;
  readonly candidates: readonly Verdict[];
  readonly attempts: readonly Attempt[];
  readonly createdAt: Date;
}

export interface Replay {
  readonly decision: Decision;
  readonly strategy: Strategy;
  readonly candidates: readonly Verdict[];
  /** True where the same strategy gives the stored order again. */
  readonly isSame: boolean;
}

export interface DecisionServiceDeps {
  readonly db: Database<LlmTables>;
  readonly store: DecisionStore;
  readonly log: CallLog;
}

/** Analysts see their own decisions, administrators everybody's of the tenant. */
export class DecisionService {
  constructor(private readonly deps: DecisionServiceDeps) {}

  async list(caller: Caller, args: PageArgs): Promise<Connection<Decision>> {
    policy.require(caller, 'llm-decision:read');
    const { tenantId, userId } = caller;
    const scope = `llm-decisions:${tenantId}`;
    const page = readPage(args, scope);
    await this.deps.log.flush();
    const owner = hasRole(caller, 'admin') ? { tenantId } : { tenantId, userId };
    const rows = await this.deps.db.inTenant(tenantId, (tx) => this.deps.store.list(tx, owner, page));
    return toConnection({ items: rows.map(toDecision), page, scope, keyOf: ({ createdAt, id }) => [createdAt.toISOString(), id] });
  }

  async find(caller: Caller, id: string): Promise<Decision> {
    policy.require(caller, 'llm-decision:read');
    const [decision] = await this.findMany(caller, [id]);
    if (!decision) throw errors.NOT_FOUND({ kind: 'routing decision' });
    return decision;
  }

  async findMany(caller: Caller, ids: readonly string[]): Promise<readonly (Decision | null)[]> {
    policy.require(caller, 'llm-decision:read');
    await this.deps.log.flush();
    const rows = await this.deps.db.inTenant(caller.tenantId, (tx) => this.deps.store.findByIds(tx, caller.tenantId, ids));
    const visible = rows.filter(({ user_id: userId }) => userId === caller.userId || hasRole(caller, 'admin'));
    const byId = new Map(visible.map((row) => [row.id, toDecision(row)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** Scores the stored facts again: with the same strategy as a proof, with another to see what it would have chosen. No model is called. */
  async replay(caller: Caller, id: string, strategy?: Strategy): Promise<Replay> {
    const decision = await this.find(caller, id);
    const used = strategy ?? decision.strategy;
    const candidates = rank(
      used,
      decision.request,
      decision.candidates.map(({ facts }) => facts),
    );
    const order = (verdicts: readonly Verdict[]): string =>
      JSON.stringify(verdicts.map(({ facts, score, rank: place }) => [facts.provider, facts.model, score, place]));
    return { decision, strategy: used, candidates, isSame: order(candidates) === order(decision.candidates) };
  }
}

const toDecision = (row: StoredDecision): Decision => ({
  id: row.id,
  userId: row.user_id,
  strategy: strategies.find((each) => each === row.strategy) ?? 'fallback',
  provider: row.provider,
  model: row.model,
  status: row.status,
  request: row.request as RequestFacts,
  candidates: row.candidates as Verdict[],
  attempts: row.attempts as Attempt[],
  createdAt: row.created_at,
});
