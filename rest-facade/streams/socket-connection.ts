import { randomUUID } from 'node:crypto';

import type { Caller } from '#platform/auth';
import { catalogue, errors, isErrorCode, toPublicError, type ErrorCode } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';

import { SlowReader } from '../../gateway/subscriptions/bounded-stream';
import { CloseCode } from '../../gateway/subscriptions/close-codes';
import type { SocketSession } from '../../gateway/subscriptions/socket-session';
import { tokenOf } from '../../gateway/subscriptions/token';
import type { StreamDoor } from './doors';
import type { EventSocketDeps } from './event-socket-deps';
import { follow, readSequence, type Step } from './follow';
import { errorFrame, eventFrame, ownFrame, readFrame, requireFields, thrownFrame, unknownType, type ClientFrame } from './frames';

const notFound = 4404;
/** Requests of one socket that may be under way at once. */
const maxActions = 10;
/** Frames that may wait for the socket to be ready. */
const maxEarlyFrames = 20;

const closeCodes: Partial<Record<ErrorCode, number>> = {
  INVALID_REQUEST: CloseCode.BadRequest,
  UNAUTHORIZED: CloseCode.Unauthorized,
  FORBIDDEN: CloseCode.Forbidden,
  NOT_FOUND: notFound,
};
const closeCodeOf = (code: ErrorCode): number => closeCodes[code] ?? CloseCode.TryAgainLater;

export interface ConnectionAddress {
  readonly door: StreamDoor;
  /** What the path names: a session, or an agent. */
  readonly id: string;
  readonly query: URLSearchParams;
}

/** One typed-event socket, from its upgrade to its end. */
export class SocketConnection {
  /** A chat's own session, or the one that an agent's client asked for. */
  private readonly sessionId: string | undefined;
  private lastRunId: string | undefined;
  private readonly early: ClientFrame[] = [];
  private caller: Caller | undefined;
  private isReady = false;
  private running = 0;
  private stopFollowing: (() => void) | undefined;
  private giveToken: ((token: string | undefined) => void) | undefined;

  constructor(
    private readonly deps: EventSocketDeps,
    private readonly session: SocketSession,
    private readonly address: ConnectionAddress,
  ) {
    const { door, id, query } = address;
    this.sessionId = door.bySession === undefined ? id : (query.get('session_id') ?? undefined);
    // A frame that cannot be read rejects, and the session closes with 4400.
    session.transport.onMessage(async (text) => this.receive(readFrame(text)));
  }

  /** Identity, a place, the stream, in this order; each failure has its close code. */
  async open(): Promise<void> {
    try {
      const token = tokenOf(this.session.request, undefined) ?? (await this.awaitToken());
      const caller = await this.deps.authenticate(token);
      const release = await this.deps.admit(caller);
      if (!release) return this.session.close(CloseCode.TooManySockets, 'Too many sockets for this tier');
      if (!(await this.session.adopt(caller, release))) return;
      this.caller = caller;
      if (!(await this.exists(caller))) return this.session.close(notFound, `No such ${this.address.door.name}`);
      const given = this.address.query.get('after_sequence');
      const after = readSequence(given ?? undefined);
      if (given !== null && after === undefined) return this.session.close(CloseCode.BadRequest, 'after_sequence is not a whole number');
      await this.follow(after);
    } catch (thrown) {
      const { code, message } = toPublicError(thrown);
      if (code === 'INTERNAL_ERROR') this.deps.log.error({ event: 'socket.failed', err: thrown }, 'a socket could not be opened');
      this.session.close(closeCodeOf(code), message);
    }
  }

  dispose(): void {
    this.stopFollowing?.();
    this.giveToken?.(undefined);
  }

  heartbeat(): void {
    if (this.isReady) void this.send(ownFrame('ping', {}));
  }

  private async exists(caller: Caller): Promise<boolean> {
    const { door, id } = this.address;
    if (door.check === undefined) return true;
    const context = createRequestContext({ caller, requestId: `req-${randomUUID()}` });
    const { data, errors: failures } = await this.deps.engine.execute({ source: door.check, variables: { id }, context });
    if (data?.found) return true;
    const code = failures?.[0]?.extensions.code;
    if (failures && code !== 'NOT_FOUND') throw errors[isErrorCode(code) ? code : 'INTERNAL_ERROR']();
    return false;
  }

  private awaitToken(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), this.deps.initTimeoutMs ?? 3_000);
      this.giveToken = (token) => {
        clearTimeout(timer);
        resolve(token);
      };
    });
  }

  private async follow(after: number | undefined): Promise<void> {
    this.stopFollowing?.();
    const { door, id } = this.address;
    const requestId = `req-${randomUUID()}`;
    const stop = new AbortController();
    this.stopFollowing = () => stop.abort();
    const isOther = door.bySession !== undefined && this.sessionId !== undefined;
    const stream = isOther ? { subscription: door.bySession!, id: this.sessionId! } : { subscription: door.subscription, id };
    const followed = await follow({ ...stream, engine: this.deps.engine, after, caller: this.caller!, requestId, signal: stop.signal });
    if ('refused' in followed) return this.session.close(closeCodeOf(followed.refused.code), followed.refused.message);
    if (stop.signal.aborted) return void (await followed.steps.return!());
    stop.signal.addEventListener('abort', () => void followed.steps.return!());
    if (!this.isReady) await this.ready();
    void this.pump(followed.steps, stop.signal);
  }

  private async ready(): Promise<void> {
    this.isReady = true;
    const { door, id } = this.address;
    const capabilities = [...Object.keys(door.actions), 'resume', 'ping'];
    await this.send(
      ownFrame('connection_ready', {
        session_id: this.sessionId ?? null,
        ...(door.bySession === undefined ? {} : { agent_id: id }),
        capabilities,
      }),
    );
    for (const frame of this.early.splice(0)) await this.dispatch(frame);
  }

  private async pump(steps: AsyncIterableIterator<Step>, stopped: AbortSignal): Promise<void> {
    try {
      for await (const step of steps) {
        if (stopped.aborted) return;
        if ('event' in step) this.lastRunId = step.event.runId ?? this.lastRunId;
        await this.send('event' in step ? eventFrame(step.event) : errorFrame(step.failure));
      }
      if (!stopped.aborted) this.session.close(CloseCode.TryAgainLater, 'The stream ended; come back with after_sequence');
    } catch (thrown) {
      if (!stopped.aborted)
        this.session.close(CloseCode.TryAgainLater, thrown instanceof SlowReader ? 'Reading too slowly' : 'The stream was lost');
    }
  }

  private async receive(frame: ClientFrame): Promise<void> {
    if (frame.type === 'connection_init') {
      const { payload, ...data } = frame.data;
      const given = { ...data, ...(payload as object | undefined) };
      return this.giveToken?.(tokenOf({ url: '/', headers: {} } as never, given));
    }
    if (this.isReady) return this.dispatch(frame);
    this.early.push(frame);
    if (this.early.length > maxEarlyFrames) this.session.close(CloseCode.BadRequest, 'Too many frames before connection_ready');
  }

  /** Never rejects: what goes wrong with one frame is an `error` event, and the socket stays. */
  private async dispatch(frame: ClientFrame): Promise<void> {
    const requestId = `req-${randomUUID()}`;
    try {
      if (frame.type === 'ping') return await this.send(ownFrame('pong', {}));
      if (frame.type === 'pong') return;
      if (frame.type === 'resume') return await this.resume(frame);
      await this.act(frame, requestId);
    } catch (thrown) {
      await this.send(thrownFrame(thrown, requestId));
    }
  }

  private async resume({ data }: ClientFrame): Promise<void> {
    const after = readSequence(data.after_sequence);
    if (after === undefined)
      throw errors.INVALID_REQUEST(
        { what: 'after_sequence', hint: 'give the last sequence seen, a whole number from 0' },
        { field: 'data.after_sequence' },
      );
    await this.follow(after);
  }

  private async act(frame: ClientFrame, requestId: string): Promise<void> {
    const { door, id } = this.address;
    const action = Object.hasOwn(door.actions, frame.type) ? door.actions[frame.type] : undefined;
    if (!action) throw unknownType(frame.type, [...Object.keys(door.actions), 'resume', 'ping', 'pong']);
    const data = { run_id: this.lastRunId, ...frame.data, session_id: this.sessionId };
    requireFields({ type: frame.type, data }, action.needs);
    if (this.running >= maxActions) throw errors.RATE_LIMITED({ seconds: 1 }, { details: { limit: maxActions } });
    await this.deps.takeQuota(this.caller!);
    this.running += 1;
    try {
      // No signal: what was asked for goes on when the socket drops, and its events wait in the log.
      const context = createRequestContext({ caller: this.caller!, requestId });
      const variables = action.variables(id, data);
      const { errors: failures } = await this.deps.engine.execute({ source: action.operation, variables, context });
      const failure = failures?.[0];
      if (!failure) return;
      const { code, details } = failure.extensions;
      const known = isErrorCode(code) ? code : 'INTERNAL_ERROR';
      await this.send(
        errorFrame(
          {
            code: known,
            message: failure.message,
            retryable: catalogue[known].retry,
            ...(details ? { details: details as Record<string, unknown> } : {}),
          },
          requestId,
        ),
      );
    } finally {
      this.running -= 1;
    }
  }

  private async send(frame: string): Promise<void> {
    await this.session.transport.send(frame);
  }
}
