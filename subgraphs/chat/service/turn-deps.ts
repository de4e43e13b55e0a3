import type { Database, Log } from '#platform/db';
import type { EventLog } from '#platform/events';

import type { MessageStore } from '../store/message.store';
import type { ChatTables } from '../store/rows';
import type { SessionStore } from '../store/session.store';

import type { Narrator } from './narrator';
import type { Analyst, Knowledge } from './ports';

export interface TurnTimings {
  /** A turn whose process is gone is given up after this. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** The longest turn. */
  readonly deadlineMs: number;
  /** The longest that a language model may take to put an answer into words; the built-in words go on afterwards. */
  readonly wordsMs: number;
}

export const defaultTimings: TurnTimings = { leaseMs: 20_000, renewEveryMs: 4_000, deadlineMs: 180_000, wordsMs: 10_000 };

export interface TurnServiceDeps {
  readonly db: Database<ChatTables>;
  readonly sessions: SessionStore;
  readonly messages: MessageStore;
  readonly log: EventLog;
  readonly logger: Log;
  readonly analyst: Analyst;
  readonly knowledge: Knowledge | null;
  readonly narrator: Narrator;
  readonly timings: TurnTimings;
}

/** Why a turn's signal was aborted. */
export const cancelledByUser = Symbol('cancelled');
export const stopping = Symbol('stopping');
export const lostLease = Symbol('lost lease');

/** What a turn says whose process ended before it did. */
export const interrupted = Object.freeze({
  code: 'SERVICE_UNAVAILABLE' as const,
  message: 'The turn was interrupted before it ended; try it again.',
  retryable: true,
});
