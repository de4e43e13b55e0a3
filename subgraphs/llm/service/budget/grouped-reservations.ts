import type { BudgetStore } from '#platform/limits';

import type { BudgetLimit } from './limits';

/** One call's share of a reservation. */
export interface Share {
  /** Once: what the call really spent. Resolves when the whole group is settled, which may be after other calls have ended. */
  settle(spent: number): Promise<void>;
}

interface Waiting {
  readonly amount: number;
  readonly resolve: (share: Share | null) => void;
  readonly reject: (error: unknown) => void;
}

interface Queue {
  readonly limit: BudgetLimit;
  waiting: Waiting[];
  isReserving: boolean;
}

const largestGroup = 64;

/**
 * Reserves for calls that arrive together at once, as databases commit: while one reservation is under way the next callers wait, and
 * are then reserved for in one step. A lone call is a group of one. What is reserved is always at least what can be spent, so the limit
 * holds exactly; where a group does not fit, each of its calls is tried alone.
 */
export class GroupedReservations {
  private readonly queues = new Map<string, Queue>();

  constructor(private readonly budgets: BudgetStore) {}

  /** null where the amount does not fit. */
  reserve(limit: BudgetLimit, amount: number): Promise<Share | null> {
    // A changed limit starts another queue: two limits cannot be judged in one step.
    const name = JSON.stringify([limit.key, limit.limit]);
    let queue = this.queues.get(name);
    if (!queue) {
      queue = { limit, waiting: [], isReserving: false };
      this.queues.set(name, queue);
    }
    const here = queue;
    return new Promise((resolve, reject) => {
      here.waiting.push({ amount, resolve, reject });
      if (!here.isReserving) void this.drain(name, here);
    });
  }

  private async drain(name: string, queue: Queue): Promise<void> {
    queue.isReserving = true;
    while (queue.waiting.length > 0) {
      const group = queue.waiting.splice(0, largestGroup);
      try {
        if (await this.hold(queue.limit, group)) continue;
        for (const each of group) {
          if (group.length === 1 || !(await this.hold(queue.limit, [each]))) each.resolve(null);
        }
      } catch (error) {
        for (const each of group) each.reject(error);
      }
    }
    queue.isReserving = false;
    this.queues.delete(name);
  }

  private async hold({ key, limit }: BudgetLimit, group: readonly Waiting[]): Promise<boolean> {
    const amount = group.reduce((sum, each) => sum + each.amount, 0);
    const id = await this.budgets.reserve(key, amount, limit);
    if (id === null) return false;
    let open = group.length;
    let spent = 0;
    let settled: { resolve: () => void; reject: (error: unknown) => void };
    const whole = new Promise<void>((resolve, reject) => {
      settled = { resolve, reject };
    });
    const share: Share = {
      settle: (own) => {
        spent += own;
        open -= 1;
        if (open === 0) this.budgets.settle(key, id, spent).then(settled.resolve, settled.reject);
        return whole;
      },
    };
    for (const each of group) each.resolve(share);
    return true;
  }
}
