import type { BudgetStore } from '#platform/limits';

import { Lease, type Share } from './lease';
import type { BudgetLimit } from './limits';

interface Waiting {
  readonly amount: number;
  readonly resolve: (share: Share | null) => void;
  readonly reject: (error: unknown) => void;
}

/** One budget as this process knows it. */
interface Account {
  readonly limit: BudgetLimit;
  lease: Lease | null;
  /** Leases that give nothing out any more, until their last call has ended. */
  readonly retired: Set<Lease>;
  waiting: Waiting[];
  isTaking: boolean;
  /** What the newest lease was given beyond its first calls; 0 where there was no room for it. */
  ahead: number;
}

const largestGroup = 64;
/**
 * Calls that a lease is taken for ahead of those that wait, within `largestShare` of the limit; where that is not room for the fewest,
 * none. At 200 calls a second half of the most outlast a pause of the database of 300 ms.
 */
const [fewestAhead, mostAhead] = [31, 127];
const largestShare = 0.01;
/** What was spent is booked after at most this. */
const bookEveryMs = 100;
/** A lease that nobody has drawn on for so long is given back. */
const idleMs = 1_000;

/**
 * Holds budgets for calls. A call takes its share of a lease in memory, without a step in the database; where the lease does not
 * suffice the calls that wait are reserved for together, and where the limit is far, some more ahead. A lease counts as held from the
 * moment it is taken, in every process: the limit is exact. What a killed process had leased and not booked comes back when its
 * reservation expires.
 */
export class BudgetLeases {
  private readonly accounts = new Map<string, Account>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly budgets: BudgetStore) {}

  /** null where the amount does not fit. */
  async reserve(limit: BudgetLimit, amount: number): Promise<Share | null> {
    const account = this.accountOf(limit);
    const { lease } = account;
    if (lease && account.waiting.length === 0 && lease.free >= amount) {
      const share = lease.take(amount);
      // The next lease is fetched before this one is used up.
      if (account.ahead > 0 && lease.free < account.ahead / 2 && !account.isTaking) void this.drain(account);
      return share;
    }
    return new Promise((resolve, reject) => {
      account.waiting.push({ amount, resolve, reject });
      if (!account.isTaking) void this.drain(account);
    });
  }

  /** Books everything that was spent and gives back what no call holds. Rejects where the database did not take it. */
  async settled(): Promise<void> {
    this.retireIdle(0);
    await this.bookAll();
  }

  private accountOf(limit: BudgetLimit): Account {
    // A changed limit starts another account: two limits cannot be judged in one step.
    const name = JSON.stringify([limit.key, limit.limit]);
    let account = this.accounts.get(name);
    if (!account) {
      account = { limit, lease: null, retired: new Set(), waiting: [], isTaking: false, ahead: 0 };
      this.accounts.set(name, account);
    }
    return account;
  }

  private async drain(account: Account): Promise<void> {
    account.isTaking = true;
    do {
      const group = account.waiting.splice(0, largestGroup);
      try {
        if (await this.holdFor(account, group)) continue;
        for (const each of group) if (group.length === 1 || !(await this.holdFor(account, [each]))) each.resolve(null);
      } catch (error) {
        for (const each of group) each.reject(error);
      }
    } while (account.waiting.length > 0);
    account.isTaking = false;
    this.schedule();
  }

  /** Takes a lease for a group, with some more ahead where that is little; an empty group is a lease for the calls to come. */
  private async holdFor(account: Account, group: readonly Waiting[]): Promise<boolean> {
    const { key, limit } = account.limit;
    const needed = group.reduce((sum, { amount }) => sum + amount, 0);
    const each = needed / group.length;
    const ahead = group.length === 0 ? account.ahead : Math.min(each * mostAhead, limit * largestShare);
    if (ahead > 0 && (group.length === 0 || ahead >= each * fewestAhead)) {
      const id = await this.budgets.reserve(key, needed + ahead, limit);
      if (id !== null) return this.give(account, group, { id, needed, ahead });
    }
    // No room ahead: from now on each call asks for itself.
    account.ahead = 0;
    if (group.length === 0) return true;
    let id = await this.budgets.reserve(key, needed, limit);
    if (id === null && leasesOf(account).some(({ isBehind, free }) => isBehind || free > 0)) {
      // What our own calls left of their shares may be what is missing.
      account.lease?.retire();
      // A booking that was under way already may not know of all of them: the second does.
      for (let booking = 0; booking < 2; booking += 1) await this.bookAccount(account);
      id = await this.budgets.reserve(key, needed, limit);
    }
    return id !== null && this.give(account, group, { id, needed, ahead: 0 });
  }

  private give(account: Account, group: readonly Waiting[], made: { id: string; needed: number; ahead: number }): boolean {
    const { limit } = account;
    const lease = new Lease(this.budgets, { limit, id: made.id, size: made.needed + made.ahead }, () => this.schedule());
    if (account.lease) {
      account.lease.retire();
      account.retired.add(account.lease);
    }
    [account.lease, account.ahead] = [lease, made.ahead];
    for (const { amount, resolve } of group) resolve(lease.take(amount));
    return true;
  }

  private retireIdle(longerThanMs: number): void {
    for (const { lease } of this.accounts.values()) if ((lease?.idleForMs ?? -1) >= longerThanMs) lease?.retire();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.retireIdle(idleMs);
      this.bookAll()
        // Whose settlement failed has been told; it is tried again.
        .catch(() => undefined)
        .finally(() => this.accounts.size > 0 && this.schedule());
    }, bookEveryMs).unref();
  }

  private async bookAll(): Promise<void> {
    const results = await Promise.allSettled([...this.accounts.values()].map((account) => this.bookAccount(account)));
    for (const [name, { lease, retired, waiting, isTaking }] of this.accounts) {
      if (!lease && retired.size === 0 && waiting.length === 0 && !isTaking) this.accounts.delete(name);
    }
    const failed = results.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async bookAccount(account: Account): Promise<void> {
    await Promise.all(leasesOf(account).map((lease) => lease.book()));
    for (const lease of account.retired) if (lease.isEnded) account.retired.delete(lease);
    if (account.lease?.isEnded) account.lease = null;
  }
}

const leasesOf = ({ lease, retired }: Account): Lease[] => (lease ? [...retired, lease] : [...retired]);
