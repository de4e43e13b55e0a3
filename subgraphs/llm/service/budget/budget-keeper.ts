import type { Caller } from '#platform/auth';
import type { Database } from '#platform/db';
import { errors } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import type { BudgetStore } from '#platform/limits';
import type { Logger } from '#platform/telemetry';

import type { BudgetWarningStore } from '../../store/budget-warning.store';
import type { LlmTables } from '../../store/rows';
import { llmEvents } from '../events';
import type { BudgetSettings } from '../types';
import type { Share } from './lease';
import { BudgetLeases } from './leases';
import { limitsOf, type BudgetLimit } from './limits';

export interface Spending {
  readonly usd: number;
  readonly tokens: number;
}

/** Money and tokens held for a call in progress. Settle it once, whatever happened: nothing spent is also an answer. */
export interface Reservation {
  settle(spent: Spending): void;
}

export interface BudgetKeeperDeps {
  readonly db: Database<LlmTables>;
  readonly budgets: BudgetStore;
  readonly warnings: BudgetWarningStore;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** From this share of a limit on, people are told. */
const warnFrom = 0.8;
/** From this share on every settlement looks at the stored sum; below it, now and then. */
const lookFrom = 0.6;
const lookEveryMs = 5_000;

const free: Reservation = { settle: () => undefined };

export class BudgetKeeper {
  private readonly settling = new Set<Promise<void>>();
  /** What each budget had spent when last seen; bounded, and only for warnings. */
  private readonly seen = new Map<string, { total: number; readonly at: number }>();

  private readonly lookingAt = new Set<string>();
  private readonly leases: BudgetLeases;

  constructor(private readonly deps: BudgetKeeperDeps) {
    this.leases = new BudgetLeases(deps.budgets);
  }

  /** Holds the most that a call can cost. BUDGET_EXCEEDED where that does not fit any more; nothing is then held. */
  async reserve(caller: Caller, budget: BudgetSettings, most: Spending): Promise<Reservation> {
    const limits = limitsOf(caller, budget, this.deps.now());
    if (limits.length === 0) return free;
    const held: { readonly limit: BudgetLimit; readonly share: Share }[] = [];
    try {
      for (const limit of limits) {
        const share = await this.leases.reserve(limit, amountOf(limit, most));
        if (share === null) throw await this.exceeded(limit, amountOf(limit, most));
        held.push({ limit, share });
      }
    } catch (error) {
      for (const { share } of held) this.track(share.settle(0));
      throw error;
    }
    return { settle: (spent) => this.track(Promise.all(held.map((each) => this.settleOne(each, spent))).then(() => undefined)) };
  }

  /** What a person should know before the limit is reached. */
  warnings(caller: Caller, budget: BudgetSettings): string[] {
    return limitsOf(caller, budget, this.deps.now()).flatMap(({ name, key, limit }) => {
      const share = (this.seen.get(JSON.stringify(key))?.total ?? 0) / limit;
      return share >= warnFrom ? [`${Math.floor(share * 100)} % of the ${name} budget is spent`] : [];
    });
  }

  /** How each limit stands now. */
  async standing(caller: Caller, budget: BudgetSettings): Promise<(BudgetLimit & { readonly spent: number; readonly reserved: number })[]> {
    await this.settled();
    return Promise.all(
      limitsOf(caller, budget, this.deps.now()).map(async (limit) => ({ ...limit, ...(await this.deps.budgets.use(limit.key)) })),
    );
  }

  /** Resolves when every call that has ended by now is settled, and what no call holds is given back. For readers. */
  async settled(): Promise<void> {
    const ended = [...this.settling];
    // A booking that was under way already may not know of all of them: the second does.
    for (let booking = 0; booking < 2; booking += 1) await this.leases.settled().catch(() => undefined);
    await Promise.all(ended);
  }

  /** The same, also for calls that end meanwhile. For shutdown. */
  async close(): Promise<void> {
    do await this.settled();
    while (this.settling.size > 0);
  }

  private async settleOne({ limit, share }: { readonly limit: BudgetLimit; readonly share: Share }, spent: Spending): Promise<void> {
    const amount = amountOf(limit, spent);
    await share.settle(amount);
    const name = JSON.stringify(limit.key);
    const total = await this.totalOf(name, limit, amount);
    if (total !== null && total >= limit.limit * warnFrom) await this.warn(limit, total);
  }

  /** What the budget has spent by now. Far below the limit the last look and our own spending since are near enough. */
  private async totalOf(name: string, { key, limit }: BudgetLimit, amount: number): Promise<number | null> {
    const last = this.seen.get(name);
    if (last && last.total + amount < limit * lookFrom && Date.now() - last.at < lookEveryMs) {
      last.total += amount;
      return null;
    }
    // All calls of a group are settled at one moment: one look serves them all.
    if (this.lookingAt.has(name)) return null;
    this.lookingAt.add(name);
    const { spent: total } = await this.deps.budgets.use(key).finally(() => this.lookingAt.delete(name));
    if (this.seen.size > 10_000) this.seen.clear();
    this.seen.set(name, { total, at: Date.now() });
    return total;
  }

  private async warn({ name, key, limit, resetsAt }: BudgetLimit, spent: number): Promise<void> {
    const { tenantId, userId = '', period } = key;
    await this.deps.db.inTenant(tenantId, async (tx) => {
      if (!(await this.deps.warnings.claim(tx, { tenantId, userId, budget: name, period }))) return;
      const data = {
        budget: name,
        period,
        limit,
        spent,
        share: spent / limit,
        resetsAt: resetsAt.toISOString(),
        ...(userId ? { userId } : {}),
      };
      await appendToOutbox(tx, { tenantId, type: llmEvents.budgetWarning, data });
    });
  }

  private async exceeded({ name, unit, key, limit, resetsAt }: BudgetLimit, needed: number): Promise<Error> {
    const { spent, reserved } = await this.deps.budgets.use(key);
    const hint = `${name} is limited to ${limit} ${unit}, and what is left does not cover this call; it is full again at ${resetsAt.toISOString()}`;
    const retryAfterSeconds = Math.max(1, Math.ceil((resetsAt.getTime() - this.deps.now().getTime()) / 1_000));
    return errors.BUDGET_EXCEEDED(
      { hint },
      { details: { budget: name, limit, spent, reserved, needed, resetsAt: resetsAt.toISOString(), retryAfterSeconds } },
    );
  }

  // The answer does not wait for the books: until they are settled the lease counts, which is never less than what was spent.
  private track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) =>
        this.deps.logger.error(
          { event: 'llm.settle_failed', err: error },
          'what a model call spent could not be booked yet; it is tried again',
        ),
      )
      .finally(() => this.settling.delete(tracked));
    this.settling.add(tracked);
  }
}

const amountOf = ({ unit }: BudgetLimit, { usd, tokens }: Spending): number => (unit === 'usd' ? Number(usd.toFixed(9)) : tokens);
