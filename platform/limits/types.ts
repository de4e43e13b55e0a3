export interface RateDecision {
  readonly allowed: boolean;
  /** Requests allowed in a window. */
  readonly limit: number;
  readonly remaining: number;
  /** Unix seconds: where allowed, when the whole quota is back; where refused, when this request would be allowed. */
  readonly resetAt: number;
  /** Whole seconds until then; 0 where allowed. */
  readonly retryAfterSeconds: number;
  /** True where Redis was out of reach and this process decided alone. */
  readonly local: boolean;
}

export interface RateRule {
  readonly limit: number;
  readonly windowMs: number;
}

/** Sliding window counted exactly: `limit` requests are allowed in any window, the next is refused. */
export interface RateLimiter {
  take(key: string, rule: RateRule, cost?: number): Promise<RateDecision>;
  close(): Promise<void>;
}

/** Open sockets per tenant over all processes. */
export interface SocketCounter {
  /** A release function, or null where `cap` are open. A process that dies gives its places back within a minute. */
  acquire(tenantId: string, cap: number): Promise<(() => Promise<void>) | null>;
  count(tenantId: string): Promise<number>;
  close(): Promise<void>;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `Idempotency-Key`: claim, then publish the answer or release the claim (IETF draft-ietf-httpapi-idempotency-key-header). */
export interface IdempotencyStore {
  /**
   * Claims the key for a request whose fingerprint is `hash`. `replay`: finished before, same request. `conflict`: still running.
   * `reused`: finished or running with another request. `claimed`: run it, then publish or release with the token.
   */
  claim(
    tenantId: string,
    key: string,
    hash: string,
  ): Promise<
    | { readonly outcome: 'claimed'; readonly token: string }
    | { readonly outcome: 'replay'; readonly answer: StoredAnswer }
    | { readonly outcome: 'conflict' }
    | { readonly outcome: 'reused' }
  >;
  publish(tenantId: string, key: string, token: string, answer: StoredAnswer): Promise<void>;
  release(tenantId: string, key: string, token: string): Promise<void>;
  /** Removes keys past their time. For a periodic job; claims work without it. */
  removeExpired(): Promise<number>;
}

export interface BudgetKey {
  readonly tenantId: string;
  /** Absent: the budget of the whole tenant. */
  readonly userId?: string;
  /** `llm` */
  readonly name: string;
  /** The caller's own word for the span of time: `2025-06`. A new period begins at nothing. */
  readonly period: string;
}

export interface BudgetUse {
  readonly spent: number;
  /** Held by work in progress. */
  readonly reserved: number;
}

/** Amounts that may not pass a limit together, over all processes: reserve before the work, then settle what it cost, or release. */
export interface BudgetStore {
  /** An id where `spent + reserved + amount` stays within `limit`, null where it does not. A reservation left behind expires. */
  reserve(key: BudgetKey, amount: number, limit: number): Promise<string | null>;
  /** Ends the reservation and counts what was really spent, which may be more or less than was reserved. */
  settle(key: BudgetKey, reservationId: string, spent: number): Promise<void>;
  release(key: BudgetKey, reservationId: string): Promise<void>;
  /**
   * Counts what was spent so far of a reservation that goes on with `keep` and expires anew. False where it had expired: what was spent
   * counts all the same, and nothing is held any more.
   */
  book(key: BudgetKey, reservationId: string, part: { readonly spent: number; readonly keep: number }): Promise<boolean>;
  use(key: BudgetKey): Promise<BudgetUse>;
}
