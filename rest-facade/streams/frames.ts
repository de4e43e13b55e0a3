import { errors, nearestName, toPublicError, type PublicError } from '#platform/errors';

import { snakeKeys } from '../names';
import type { Data } from './doors';

/** One event of a stream as the graph gives it. */
export interface GraphEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: unknown;
  /** A Date in process, text from another one: DateTime is either until it is written. */
  readonly timestamp: string | Date;
  readonly sessionId?: string | null;
  readonly runId?: string | null;
  readonly messageId?: string | null;
  readonly requestId?: string | null;
}

export interface ClientFrame {
  readonly type: string;
  readonly data: Data;
}

/** Thrown for what is no frame at all; the socket closes with 4400. A frame that asks for something impossible gets an `error` event instead. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

/** Reads `{"type": "message", "data": {"content": "…"}}` and, as older clients send it, `{"type": "message", "content": "…"}`. */
export function readFrame(text: string): ClientFrame {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BadFrame('not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new BadFrame('not an object');
  const { type, data, metadata: _unused, ...flat } = parsed as Record<string, unknown>;
  if (typeof type !== 'string' || type === '') throw new BadFrame('no type');
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data))) throw new BadFrame('data is not an object');
  return { type, data: { ...flat, ...(data as Data | undefined) } };
}

export const eventFrame = (event: GraphEvent): string =>
  JSON.stringify({
    type: event.type,
    data: event.data ?? {},
    metadata: {
      event_id: event.eventId,
      sequence: event.sequence,
      timestamp: event.timestamp,
      session_id: event.sessionId ?? null,
      run_id: event.runId ?? null,
      message_id: event.messageId ?? null,
      request_id: event.requestId ?? null,
    },
  });

/** A frame of the connection itself; it has no sequence, since it is not part of the stream and is not repeated. */
export const ownFrame = (type: string, data: Data, requestId?: string): string =>
  JSON.stringify({
    type,
    data,
    metadata: { timestamp: new Date().toISOString(), ...(requestId === undefined ? {} : { request_id: requestId }) },
  });

export const errorFrame = ({ code, message, retryable, field, details }: Omit<PublicError, 'status'>, requestId?: string): string =>
  ownFrame(
    'error',
    {
      code,
      message,
      retryable,
      ...(field === undefined ? {} : { field }),
      ...(details === undefined ? {} : { details: snakeKeys(details) }),
    },
    requestId,
  );

export const thrownFrame = (thrown: unknown, requestId?: string): string => errorFrame(toPublicError(thrown), requestId);

export function unknownType(type: string, known: readonly string[]): Error {
  const nearest = nearestName(type, known);
  const hint = nearest ? `did you mean "${nearest}"` : `known are ${known.join(', ')}`;
  return errors.INVALID_REQUEST({ what: `the frame type "${type.slice(0, 40)}"`, hint }, { field: 'type' });
}

/** The fields that an action needs, as non-empty text. */
export function requireFields({ type, data }: ClientFrame, needs: readonly string[]): void {
  const missing = needs.find((name) => typeof data[name] !== 'string' || data[name] === '');
  if (missing) throw errors.INVALID_REQUEST({ what: missing, hint: `a ${type} frame needs it as text` }, { field: `data.${missing}` });
}
