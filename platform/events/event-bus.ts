import { sql } from 'kysely';
import { z } from 'zod';

import type { Database } from '#platform/db';
import type { JobQueue, WorkOptions } from '#platform/jobs';

/** An event of the outbox, as its subscribers get it. */
export interface DomainEvent {
  readonly id: string;
  readonly tenantId: string;
  readonly topic: string | null;
  readonly type: string;
  readonly data: unknown;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
}

export interface Subscription extends WorkOptions {
  /** Durable name, unique per use: `search.index-dashboards`. */
  readonly subscriber: string;
  /** `dashboard.changed`, `dashboard.*` or `*`. */
  readonly types: readonly string[];
  readonly handle: (event: DomainEvent, signal: AbortSignal) => Promise<void>;
}

/**
 * Events from one domain to another, durably: each subscriber gets every event of its types that was committed after it first
 * started, at least once, on one process, also when it was down meanwhile. Order is not promised: a handler reads the present state
 * instead of trusting the event's. What existed before the first start is the subscriber's own to read.
 */
export interface EventBus {
  /** Before `start()`. */
  onEvent(subscription: Subscription): void;
  /** Announces the subscriptions; the job queue then delivers. */
  start(): Promise<void>;
}

const domainEvent = z.object({
  id: z.string(),
  tenantId: z.string(),
  topic: z.string().nullable(),
  type: z.string(),
  data: z.unknown(),
  timestamp: z.string(),
});

export interface EventBusDeps {
  readonly db: Database;
  readonly jobs: JobQueue;
}

export function createEventBus({ db, jobs }: EventBusDeps): EventBus {
  const subscriptions: Subscription[] = [];
  return {
    onEvent(subscription) {
      subscriptions.push(subscription);
      const { subscriber, handle, types: _types, ...options } = subscription;
      jobs.work(`event:${subscriber}`, async (job, { signal }) => handle(domainEvent.parse(job.payload), signal), options);
    },
    async start() {
      if (subscriptions.length === 0) return;
      await db.asSystem(async (tx) => {
        for (const { subscriber, types } of subscriptions) {
          await sql`delete from event_subscriptions where subscriber = ${subscriber} and type <> all(cast(${[...types]} as text[]))`.execute(
            tx,
          );
          await sql`insert into event_subscriptions (subscriber, type)
            select ${subscriber}, unnest(cast(${[...types]} as text[])) on conflict do nothing`.execute(tx);
        }
      });
    },
  };
}
