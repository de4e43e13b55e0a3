import { setTimeout as pause } from 'node:timers/promises';

import type { Caller } from '#platform/auth';
import type { EventLog } from '#platform/events';

import type { ChatSubgraph } from '../../subgraphs/chat';

export interface StalledOptions {
  readonly readers: number;
  readonly seconds: number;
  /** Events a second over all sessions; each goes to ten readers. */
  readonly eventsPerSecond: number;
}

export interface StalledRound {
  readonly latenciesMs: readonly number[];
  readonly rssMbBefore: number;
  readonly rssMbAfter: number;
  readonly delivered: number;
  readonly expected: number;
}

const readersOfSession = 10;
const payload = { runId: 'run-1', messageId: 'msg-1', requestId: null, data: { content: 'x'.repeat(400) } };

const rssMb = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / 2 ** 20;
};

/** Many readers over several sessions, with or without one that has subscribed to the first session and never reads. */
export async function stalledRound(
  { chat, log, me }: { readonly chat: ChatSubgraph; readonly log: EventLog; readonly me: Caller },
  { readers, seconds, eventsPerSecond }: StalledOptions,
  withStalled: boolean,
): Promise<StalledRound> {
  const sessions = await Promise.all(
    Array.from({ length: Math.ceil(readers / readersOfSession) }, async () => (await chat.services.sessions.create(me, {})).id),
  );
  const follow = (sessionId: string) => chat.services.streams.follow(me, { sessionId, after: 0, signal: new AbortController().signal });
  const streams = await Promise.all(Array.from({ length: readers }, (_, i) => follow(sessions[i % sessions.length]!)));
  const stalled = withStalled ? await follow(sessions[0]!) : null;
  const latenciesMs: number[] = [];
  const reading = streams.map(async (stream) => {
    for await (const event of stream) latenciesMs.push(performance.now() - (event.data as { at: number }).at);
  });
  const rssMbBefore = rssMb();
  const ticks = seconds * 50;
  let published = 0;
  const startedAt = performance.now();
  for (let tick = 1; tick <= ticks; tick += 1) {
    const due = Math.floor((tick * eventsPerSecond) / 50);
    for (; published < due; published += 1) {
      // The first session gets every fourth event, so that its stalled reader overflows.
      const id = published % 4 === 0 ? sessions[0]! : sessions[published % sessions.length]!;
      await log.append({ tenantId: me.tenantId, name: `chat:${id}` }, [
        { type: 'text', data: { ...payload, data: { ...payload.data, at: performance.now() } } },
      ]);
    }
    await pause(Math.max(0, startedAt + tick * 20 - performance.now()));
  }
  await pause(200);
  const rssMbAfter = rssMb();
  await Promise.all(streams.map((stream) => stream.return?.()));
  await stalled?.return?.();
  await Promise.all(reading);
  return { latenciesMs, rssMbBefore, rssMbAfter, delivered: latenciesMs.length, expected: published * readersOfSession };
}
