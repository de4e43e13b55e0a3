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
  | { readonly do: 'usage' };

/** One answer to each request, and the first fields once the door is open. */
export interface ServerReply {
  readonly url?: string;
  readonly token?: string;
  readonly sessions?: readonly string[];
  /** Events of each session, in their order. */
  readonly published?: readonly number[];
  readonly rssMb?: number;
  readonly sockets?: number;
}

export const socketCaller: Caller = { tenantId: 'bench', userId: 'sockets', roles: ['analyst'], tier: 'enterprise' };

/** One clock for both processes, in milliseconds with fractions. */
export const clockMs = (): number => performance.timeOrigin + performance.now();
