import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

import type { OpenStreams } from '#platform/auth';
import { AppError, errors } from '#platform/errors';

import type { GraphEngine } from '../../gateway/engine';
import { streamed } from '../http/answer';
import type { Call, Endpoint } from '../http/call';
import { ownIdentity } from '../http/identity';
import { requireAcceptable } from '../http/negotiate';
import { readQuery } from '../http/read-query';
import { unknownName } from '../view/problems';
import type { StreamDoor } from './doors';
import { follow, readSequence, type Step } from './follow';
import { snakeKeys } from '../names';
import type { GraphEvent } from './frames';

export interface EventsOptions {
  readonly engine: GraphEngine;
  readonly version: string;
  /** Where open streams enter themselves, to be ended by others. */
  readonly open: OpenStreams;
  /** Between comments that keep proxies from ending the stream. @default 15_000 */
  readonly heartbeatMs?: number | undefined;
  /** A reader that takes nothing for this long is let go. @default 60_000 */
  readonly stalledMs?: number | undefined;
}

/**
 * A door's stream as server-sent events. `id:` is the sequence, so that a browser's own `Last-Event-ID` resumes without a gap; without it
 * (or `after_sequence`) the stream starts now. It ends when the client leaves, the token expires or the caller loses a right.
 */
export function eventsEndpoint(
  { engine, version, open, heartbeatMs = 15_000, stalledMs = 60_000 }: EventsOptions,
  door: StreamDoor,
): Endpoint {
  return {
    method: 'GET',
    path: `/api/${version}${door.eventsPath}`,
    operation: `${door.name}_events`,
    async handle(call) {
      requireAcceptable(call.req.headers.accept, ['text/event-stream']);
      const after = readPosition(call);
      const stop = new AbortController();
      const leave = (): void => stop.abort();
      call.signal.addEventListener('abort', leave);
      const { caller, requestId } = call;
      const followed = await follow({
        engine,
        subscription: door.bySession ?? door.subscription,
        id: Object.values(call.params)[0]!,
        after,
        caller,
        requestId,
        signal: stop.signal,
      });
      if ('refused' in followed) throw new AppError(followed.refused.code, followed.refused.message);
      stop.signal.addEventListener('abort', () => void followed.steps.return!());
      if (stop.signal.aborted) await followed.steps.return!();
      const untilExpiry =
        caller.expiresAt === undefined ? undefined : setTimeout(leave, Math.min(caller.expiresAt * 1_000 - Date.now(), 2_147_000_000));
      const left = open.enter(caller, leave);
      try {
        await write(call, followed.steps, { heartbeatMs, stalledMs });
      } finally {
        left();
        clearTimeout(untilExpiry);
        stop.abort();
      }
      return streamed;
    },
  };
}

const requireOwn = ownIdentity([]);

function readPosition({ req, search, caller }: Call): number | undefined {
  const { after_sequence: query, tenant_id: _tenant, user_id: _user, ...unknown } = readQuery(search);
  requireOwn(caller, readQuery(search));
  const stray = Object.keys(unknown)[0];
  if (stray !== undefined) throw unknownName(`query.${stray}`, stray, ['after_sequence']);
  const given = req.headers['last-event-id'] ?? query;
  const after = readSequence(given);
  if (given !== undefined && after === undefined) {
    throw errors.INVALID_REQUEST(
      { what: 'Last-Event-ID', hint: 'give the id of the last event seen, a whole number from 0' },
      { field: 'header.last-event-id' },
    );
  }
  return after;
}

async function write(
  { res, headers }: Call,
  steps: AsyncIterableIterator<Step>,
  { heartbeatMs, stalledMs }: { heartbeatMs: number; stalledMs: number },
): Promise<void> {
  res.writeHead(200, {
    ...headers,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  res.write(': connected\n\n');
  const heartbeat = setInterval(() => res.writableNeedDrain || res.write(': ping\n\n'), heartbeatMs);
  try {
    for await (const step of steps) {
      const text =
        'event' in step
          ? toSse(step.event)
          : `event: error\ndata: ${JSON.stringify({ type: 'error', ...(snakeKeys(step.failure) as object) })}\n\n`;
      if (!res.write(text)) await drained(res, stalledMs);
    }
    if (!res.destroyed) res.end();
  } catch {
    // Cut without an end: the client comes back with its last id and misses nothing.
    res.destroy();
  } finally {
    clearInterval(heartbeat);
  }
}

/** Older clients read the fields of an event beside its type, newer ones under `data`; both are there. */
export function toSse(event: GraphEvent): string {
  const fields = typeof event.data === 'object' && event.data !== null ? (event.data as object) : {};
  const { eventId: event_id, sequence, timestamp, sessionId: session_id, runId: run_id } = event;
  const data = { ...fields, type: event.type, data: event.data ?? {}, metadata: { event_id, sequence, timestamp, session_id, run_id } };
  return `event: ${event.type.replace(/[^\w.-]/g, '_')}\nid: ${event.sequence}\ndata: ${JSON.stringify(data)}\n\n`;
}

async function drained(res: ServerResponse, stalledMs: number): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => res.destroy(), stalledMs);
  try {
    await Promise.race([once(res, 'drain', { signal: stop.signal }), once(res, 'close', { signal: stop.signal })]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
