export interface RateDecision {
  readonly allowed: boolean;
  /** Requests allowed in a window. */
  readonly limit: number;
  readonly remaining: number;
  /** When the window is full again, Unix seconds. */
  readonly resetAt: number;
  /** Seconds to wait; 0 where allowed. */
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
  claim(tenantId: string, key: string, hash: string): Promise<
    | { readonly outcome: 'claimed'; readonly token: string }
    | { readonly outcome: 'replay'; readonly answer: StoredAnswer }
    | { readonly outcome: 'conflict' }
    | { readonly outcome: 'reused' }
  >;
  publish(tenantId: string, key: string, token: string, answer: StoredAnswer): Promise<void>;
  release(tenantId: string, key: string, token: string): Promise<void>;
}
