import type { BudgetStore } from '#platform/limits';

import type { BudgetLimit } from './limits';

/** One call's share of a lease. */
export interface Share {
  /** Once: what the call really spent. Resolves when that is in the books, together with other calls; rejects where it is not yet. */
  settle(spent: number): Promise<void>;
}

interface Booking {
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** A lease that was not renewed for so long gives nothing out: it must end long before its reservation expires. */
const freshMs = 60_000;

/**
 * A reservation of this process in the database, given out to calls in memory. The database never holds less for it than its calls may
 * still spend, plus what they have spent and is not booked yet: so the limit holds whatever other processes do.
 */
export class Lease {
  private open = 0;
  /** Held by the calls in progress. */
  private held = 0;
  /** Spent by calls that have ended, not yet in the books. */
  private spent = 0;
  /** What calls hold or may still be given. */
  private size: number;
  /** What the database holds, as far as is known. */
  private stored: number;
  private booking: Booking | null = null;
  private working: Promise<void> | null = null;
  private isRetired = false;
  private isOver = false;
  private renewedAt = performance.now();
  private takenAt = performance.now();

  constructor(
    private readonly budgets: BudgetStore,
    private readonly made: { readonly limit: BudgetLimit; readonly id: string; readonly size: number },
    private readonly onSpent: () => void,
  ) {
    this.size = this.stored = made.size;
  }

  /** What further calls can be given. */
  get free(): number {
    const isFresh = performance.now() - this.renewedAt < freshMs;
    return this.isRetired || !isFresh ? 0 : this.size - this.held - this.spent;
  }

  /** Milliseconds since the last call got a share; null while calls are in progress. */
  get idleForMs(): number | null {
    return this.open === 0 ? performance.now() - this.takenAt : null;
  }

  /** True when the database holds nothing for it and knows all that was spent. */
  get isEnded(): boolean {
    return this.isOver && this.open === 0 && this.spent === 0;
  }

  /** True where the database holds more than calls need, or does not know what they spent, or is just being told. */
  get isBehind(): boolean {
    if (this.working !== null || this.spent !== 0 || this.booking !== null) return true;
    return this.isRetired && !this.isOver && (this.open === 0 || this.stored > this.held);
  }

  take(amount: number): Share {
    this.open += 1;
    this.held += amount;
    this.takenAt = performance.now();
    return {
      settle: (spent) => {
        this.open -= 1;
        // Sums of fractions do not come back to nothing by themselves.
        this.held = this.open === 0 ? 0 : this.held - amount;
        this.spent += spent;
        this.booking ??= newBooking();
        const { done } = this.booking;
        this.onSpent();
        return done;
      },
    };
  }

  /** Gives nothing out any more: the next booking returns what no call holds, and the last call's ends the reservation. */
  retire(): void {
    this.isRetired = true;
  }

  /** Tells the database what it does not know. One step at a time: who asks meanwhile waits for the step that is under way. */
  book(): Promise<void> {
    if (this.working === null && !this.isBehind) return Promise.resolve();
    this.working ??= this.write().finally(() => (this.working = null));
    return this.working;
  }

  private async write(): Promise<void> {
    const { budgets, spent, booking } = this;
    const { limit, id } = this.made;
    const ends = this.isOver || (this.isRetired && this.open === 0);
    const keep = this.isRetired ? this.held : Math.max(this.held, this.size - spent);
    [this.spent, this.booking, this.size] = [0, null, keep];
    try {
      const begun = performance.now();
      if (ends) await budgets.settle(limit.key, id, spent);
      // Expired, in a process that had been stopped: what was spent is counted, and nothing is held any more.
      const isHeld = !ends && (await budgets.book(limit.key, id, { spent, keep: inBooks(keep) }));
      if (isHeld) [this.renewedAt, this.stored] = [begun, keep];
      else this.isRetired = this.isOver = true;
      booking?.resolve();
    } catch (error) {
      // Told again at the next booking. Where only the database's answer was lost it counts twice: too much, never too little.
      this.spent += spent;
      booking?.reject(error);
      throw error;
    }
  }
}

/** Rounded up to what the books can hold. */
const inBooks = (amount: number): number => Math.max(0, Math.ceil(amount * 1e9 - 1e-3) / 1e9);

function newBooking(): Booking {
  let settle: Pick<Booking, 'resolve' | 'reject'>;
  const done = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  done.catch(() => undefined);
  return { done, ...settle! };
}
