import type { Caller } from '#platform/auth';

/** What the measuring process says to the serving one. */
export type ServerRequest =
  | { readonly do: 'sessions'; readonly count: number }
  | {
      readonly do: 'publish';
      readonly sessions: readonly string[];
      readonly seconds: number;
      /** Over all sessions. */
      readonly eventsPerSecond: number;
      /** Of each event of the first session; others have 400. */
      readonly largeBytes: number;
    }
  | { readonly do: 'memory' }
  | { readonly do: 'sockets' };

/** One answer to each request, and the first fields once the door is open. */
export interface ServerReply {
  readonly url?: string;
  readonly token?: string;
  readonly sessions?: readonly string[];
  /** Events of each session, in their order. */
  readonly published?: readonly number[];
  readonly memory?: Memory;
  readonly sockets?: number;
}

/** Of the serving process after a garbage collection, in MB. */
export interface Memory {
  /** What its JavaScript still refers to. */
  readonly heap: number;
  /** Buffers and other memory that JavaScript objects own outside of the heap. */
  readonly buffers: number;
  /** All that the operating system has given it: also the embedded database, DuckDB, and what the allocators keep for later. */
  readonly rss: number;
}

export const socketCaller: Caller = { tenantId: 'bench', userId: 'sockets', roles: ['analyst'], tier: 'enterprise' };

/** One clock for both processes, in milliseconds with fractions. */
export const clockMs = (): number => performance.timeOrigin + performance.now();
