import type { Caller } from '#platform/auth';
import type { ChartType } from '#platform/charts';
import { json, newId } from '#platform/db';
import { AppError, errors, toPublicError } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { SessionRow } from '../store/rows';
import type { Claim, SessionStore } from '../store/session.store';

import { ownSession } from './access';
import { emptyAnswer, type Answer } from './answer';
import { chatTopic, domainEvents } from './events';
import { toMessage, type Message } from './message';
import type { TurnRequest } from './orchestrator';
import { policy } from './policy';
import { changed } from './session.service';
import { checkedText, titleFrom, untitled } from './text';
import { cancelledByUser, interrupted, stopping, type TurnServiceDeps } from './turn-deps';
import { runTurn, type RunningTurn, type TurnResult } from './run-turn';

export interface TurnInput {
  readonly sessionId: string;
  readonly request: TurnRequest;
  readonly requestId: string | null;
}

/** A turn that has been accepted: its question is stored, its answer will follow in the log. */
export interface StartedTurn {
  readonly sessionId: string;
  readonly runId: string;
  readonly messageId: string;
  /** A reader who gives this as `after` gets every event of the turn. */
  readonly afterSequence: number;
}

interface ActiveTurn {
  readonly controller: AbortController;
  readonly done: Promise<TurnResult>;
}

export class TurnService {
  private readonly active = new Map<string, ActiveTurn>();

  constructor(private readonly deps: TurnServiceDeps) {}

  /** Starts a turn and returns as soon as the question is stored. */
  async start(caller: Caller, input: TurnInput): Promise<StartedTurn> {
    return (await this.begin(caller, input)).started;
  }

  /** The same for clients that send a message or a refinement. */
  startEither(
    caller: Caller,
    {
      message,
      refinement,
      ...turn
    }: {
      readonly sessionId: string;
      readonly requestId: string | null;
      readonly message?: string | null;
      readonly refinement?: string | null;
    },
  ): Promise<StartedTurn> {
    policy.require(caller, 'chat:write');
    if (Boolean(message) === Boolean(refinement)) {
      throw errors.INVALID_REQUEST({ what: 'message', hint: 'give either message or refinement' }, { field: 'message' });
    }
    return this.start(caller, { ...turn, request: message ? { kind: 'message', text: message } : { kind: 'refine', text: refinement! } });
  }

  /** Starts a turn and waits for its answer. A turn that failed is thrown with its code; it stays stored and can be tried again. */
  async send(caller: Caller, input: TurnInput): Promise<Message> {
    const { done } = await this.begin(caller, input);
    return settled(await done);
  }

  async retry(
    caller: Caller,
    { sessionId, messageId, requestId }: { readonly sessionId: string; readonly messageId: string; readonly requestId: string | null },
  ): Promise<Message> {
    policy.require(caller, 'chat:write');
    const { tenantId } = caller;
    const runId = newId('run');
    const prepared = await this.deps.db.inTenant(tenantId, async (tx) => {
      await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      const message = await this.deps.messages.find(tx, { tenantId, id: messageId });
      if (!message || message.session_id !== sessionId || message.role !== 'assistant' || message.status === 'undone')
        throw errors.NOT_FOUND({ kind: 'answer' });
      if (message.status === 'completed') throw errors.CONFLICT({ what: 'This turn has succeeded', hint: 'ask again instead' });
      const session = await this.claim(tx, { caller, sessionId, runId, messages: 0 });
      await this.deps.messages.update(
        tx,
        { tenantId, id: messageId },
        { status: 'running', run_id: runId, error: null, completed_at: null },
      );
      return { session, request: toMessage(message).request! };
    });
    return settled(await this.launch(caller, { ...prepared, runId, messageId, requestId }).done);
  }

  /** Asks the running turn of a session to stop, wherever it runs. False where none was running. */
  async cancel(caller: Caller, sessionId: string): Promise<boolean> {
    policy.require(caller, 'chat:write');
    const { tenantId } = caller;
    const session = await this.deps.db.inTenant(tenantId, async (tx) => {
      const found = await ownSession(this.deps.sessions, tx, { caller, id: sessionId });
      return found.active_run_id ? this.deps.sessions.update(tx, { tenantId, id: sessionId }, { cancel_requested: true }) : null;
    });
    if (!session?.active_run_id) return false;
    // Here at once; on another instance with the next renewal of its lease.
    this.active.get(session.active_run_id)?.controller.abort(cancelledByUser);
    return true;
  }

  activeCount(): number {
    return this.active.size;
  }

  /** Ends the running turns as failed and retryable, and waits for that to be stored. */
  async stop(): Promise<void> {
    for (const { controller } of this.active.values()) controller.abort(stopping);
    await Promise.allSettled([...this.active.values()].map(({ done }) => done));
  }

  private async begin(
    caller: Caller,
    { sessionId, request, requestId }: TurnInput,
  ): Promise<{ readonly started: StartedTurn; readonly done: Promise<TurnResult> }> {
    policy.require(caller, 'chat:write');
    const checked = checkedRequest(request);
    const { tenantId } = caller;
    const runId = newId('run');
    const messageId = newId('msg');
    // Nothing of this turn is in the log before its question is stored, so the two may be read at once.
    const retained = this.deps.log.retained(chatTopic(tenantId, sessionId)).catch(() => ({ newest: 0 }));
    const prepared = await this.deps.db.inTenant(tenantId, async (tx) => {
      const content = contentOf(checked);
      const title = checked.kind === 'chart' ? null : { instead: untitled, to: titleFrom(content) };
      const session = await this.claim(tx, { caller, sessionId, runId, messages: 2, title });
      const common = { tenant_id: tenantId, session_id: sessionId, intent: null, query_id: null, answer: null, error: null };
      await this.deps.messages.insert(tx, [
        {
          ...common,
          id: newId('msg'),
          ordinal: session.last_ordinal - 1,
          role: 'user',
          status: 'completed',
          content,
          run_id: runId,
          request: null,
          completed_at: new Date(),
        },
        {
          ...common,
          id: messageId,
          ordinal: session.last_ordinal,
          role: 'assistant',
          status: 'running',
          content: '',
          run_id: runId,
          request: json(checked) as never,
          completed_at: null,
        },
      ]);
      return { session, request: checked };
    });
    const { newest } = await retained;
    const { done } = this.launch(caller, { ...prepared, runId, messageId, requestId });
    return { started: { sessionId, runId, messageId, afterSequence: newest }, done };
  }

  private async claim(
    tx: Parameters<SessionStore['claim']>[0],
    { caller, sessionId, ...turn }: { readonly caller: Caller; readonly sessionId: string } & Pick<Claim, 'runId' | 'messages' | 'title'>,
  ): Promise<SessionRow> {
    const { tenantId, userId } = caller;
    const session = await this.deps.sessions.claim(tx, { tenantId, id: sessionId, userId, leaseMs: this.deps.timings.leaseMs, ...turn });
    if (!session) throw refusal(await ownSession(this.deps.sessions, tx, { caller, id: sessionId }));
    // A turn whose process died still says "running"; whoever comes next ends it.
    if (session.abandoned_run_id)
      await this.deps.messages.failRunning(tx, { tenantId, sessionId, exceptRunId: turn.runId, error: interrupted });
    return session;
  }

  private launch(
    caller: Caller,
    {
      session,
      ...turn
    }: {
      readonly session: SessionRow;
      readonly request: TurnRequest;
      readonly runId: string;
      readonly messageId: string;
      readonly requestId: string | null;
    },
  ): ActiveTurn {
    const controller = new AbortController();
    const running: RunningTurn = { ...turn, sessionId: session.id, sourceId: session.source_id, isFirst: session.last_ordinal <= 2 };
    const done = runTurn({ ...this.deps, finish: (result) => this.finish(caller, running, result) }, { caller, turn: running, controller });
    const active = { controller, done };
    this.active.set(turn.runId, active);
    const forget = (): void => void this.active.delete(turn.runId);
    done.then(forget, forget);
    return active;
  }

  /** Stores the end of a turn together with its events. Null where another turn has taken the session over meanwhile. */
  private async finish(caller: Caller, { sessionId, runId, messageId }: RunningTurn, result: TurnResult): Promise<Message | null> {
    const { tenantId } = caller;
    return this.deps.db.inTenant(tenantId, async (tx) => {
      const session = await this.deps.sessions.release(tx, { tenantId, id: sessionId, runId });
      if (!session) return null;
      const answer: Answer = result.answer ?? emptyAnswer;
      const row = await this.deps.messages.update(
        tx,
        { tenantId, id: messageId },
        {
          status: result.status,
          content: answer.response,
          intent: result.answer?.intent ?? null,
          query_id: answer.queryId,
          answer: result.answer ? (json(storable(result.answer)) as never) : null,
          error: result.error ? (json(result.error) as never) : null,
          completed_at: new Date(),
        },
      );
      if (!row) return null;
      if (result.status === 'completed') {
        await appendToOutbox(tx, {
          tenantId,
          type: domainEvents.messageCompleted,
          data: {
            sessionId,
            messageId,
            runId,
            userId: caller.userId,
            intent: answer.intent,
            queryId: answer.queryId,
            sourceId: answer.sourceId,
          },
        });
      }
      await appendToOutbox(tx, changed(session));
      return toMessage(row);
    });
  }
}

function refusal({ active_run_id: active, status }: SessionRow): AppError {
  if (status !== 'active')
    return errors.CONFLICT(
      { what: `This session is ${status}`, hint: 'set its status to active, or open a new one' },
      { details: { status } },
    );
  return errors.CONFLICT(
    { what: 'A turn is running in this session', hint: 'wait for it or cancel it first' },
    { details: { run_id: active } },
  );
}

function checkedRequest(request: TurnRequest): TurnRequest {
  if (request.kind === 'chart') return request;
  return { kind: request.kind, text: checkedText(request.text, request.kind === 'refine' ? 'refinement' : 'message') };
}

const chartWords = (chartType: ChartType): string => `Show as ${chartType.replaceAll('_', ' ')}`;
const contentOf = (request: TurnRequest): string => (request.kind === 'chart' ? chartWords(request.chartType) : request.text);

/** jsonb holds no NUL. */
const storable = (answer: Answer): Answer => JSON.parse(JSON.stringify(answer).replaceAll('\\u0000', '')) as Answer;

function settled({ message, error, cause }: TurnResult): Message {
  if (message && !error) return message;
  if (cause instanceof AppError) {
    throw new AppError(cause.code, cause.message, {
      ...cause.options,
      details: { ...cause.details, ...(message ? { message_id: message.id, run_id: message.runId } : {}) },
    });
  }
  throw cause ?? errors.SERVICE_UNAVAILABLE({}, { details: { public: toPublicError(error) } });
}
