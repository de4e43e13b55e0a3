import type { Caller } from '#platform/auth';

import type { GraphEngine } from '../../gateway/engine';

export interface EventSocketDeps {
  readonly engine: GraphEngine;
  authenticate(token: string | undefined): Promise<Caller>;
  /** Takes one of the tenant's socket places, shared with graphql-ws; null where none is free. */
  admit(caller: Caller): Promise<(() => Promise<void>) | null>;
  /** Counts a client's frame that makes the graph work as one request; throws RATE_LIMITED. */
  takeQuota(caller: Caller): Promise<void>;
  readonly log: { error(facts: object, message: string): void };
  readonly allowedOrigins?: readonly string[];
  /** @default 1_048_576 */
  readonly maxFrameBytes?: number;
  /** Sockets of this process. @default 10_000 */
  readonly maxSockets?: number;
  /** Between pings; a socket that has not answered by the next one is closed with 4408. @default 15_000 */
  readonly pingMs?: number;
  /** Time for `connection_init` where the upgrade brought no token. @default 3_000 */
  readonly initTimeoutMs?: number;
}
