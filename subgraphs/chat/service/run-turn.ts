import type { Caller } from '#platform/auth';
import { errors, toPublicError } from '#platform/errors';

import { cutRows, emptyAnswer, type Answer } from './answer';
import { emitter } from './emitter';
import { toMessage, type Message, type TurnError } from './message';
import { MeteredAnalyst } from './metered-analyst';
import {
  agents,
  dependsOnPrevious,
  followUps,
  runMachine,
  type EmittedEvent,
  type StepContext,
  type TurnRequest,
  type TurnState,
} from './orchestrator';
import { cancelledByUser, interrupted, lostLease, stopping, type TurnServiceDeps } from './turn-deps';

export interface RunningTurn {
  readonly sessionId: string;
  readonly runId: string;
  readonly messageId: string;
  readonly requestId: string | null;
  readonly sourceId: string | null;
  readonly request: TurnRequest;
  /** Nothing was said before it. */
  readonly isFirst: boolean;
}

export interface TurnResult {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly answer: Answer | null;
  readonly error: TurnError | null;
  /** What was thrown, for the caller who waits. */
  readonly cause?: unknown;
  /** As it was stored; null where it could not be. */
  readonly message: Message | null;
}

interface RunDeps extends TurnServiceDeps {
  readonly finish: (result: TurnResult) => Promise<Message | null>;
}

const deadline = Symbol('deadline');

/** Runs an accepted turn to its end: answer or failure are stored first and told afterwards. Never rejects. */
export async function runTurn(
  deps: RunDeps,
  { caller, turn, controller }: { readonly caller: Caller; readonly turn: RunningTurn; readonly controller: AbortController },
): Promise<TurnResult> {
  const startedAt = performance.now();
  const emit = emitter(deps, caller, turn);
  const timer = setTimeout(() => controller.abort(deadline), deps.timings.deadlineMs);
  const renewal = renewing(deps, { caller, turn, controller });
  try {
    await emit([['stream_start', { agent: 'router', message_id: turn.messageId, session_id: turn.sessionId }]]);
    const result = await attempt(deps, { caller, turn, emit, signal: controller.signal, startedAt });
    const message = await deps.finish(result).catch((error: unknown) => {
      deps.logger.error({ event: 'chat.turn_not_stored', runId: turn.runId, err: error }, 'the end of a turn could not be stored');
      return null;
    });
    const stored = message ? result : { ...result, status: 'failed' as const, error: result.error ?? interrupted };
    await emit(ending({ ...stored, message }, { turn, durationMs: performance.now() - startedAt }));
    return { ...stored, message };
  } finally {
    clearTimeout(timer);
    clearInterval(renewal);
  }
}

interface Attempt {
  readonly caller: Caller;
  readonly turn: RunningTurn;
  readonly emit: StepContext['emit'];
  readonly signal: AbortSignal;
  readonly startedAt: number;
}

async function attempt(deps: RunDeps, { caller, turn, emit, signal, startedAt }: Attempt): Promise<TurnResult> {
  try {
    const previous = turn.isFirst || !dependsOnPrevious(turn.request) ? null : await previousAnswer(deps, caller, turn.sessionId);
    const state: TurnState = {
      request: turn.request,
      sessionId: turn.sessionId,
      sourceId: turn.sourceId,
      previous,
      route: null,
      answer: { ...emptyAnswer, sourceId: turn.sourceId },
    };
    const analyst = new MeteredAnalyst(deps.analyst, turn.messageId);
    const found = await untilAborted(runMachine(agents, state, { caller, signal, analyst, knowledge: deps.knowledge, emit }), signal);
    const question = turn.request.kind === 'chart' ? '' : turn.request.text;
    let told = 0;
    const tell = async (content: string): Promise<void> => {
      told += content.length;
      await emit([['text', { content, is_final: false }]]);
    };
    const { text, tokensUsed, gaveOut } = await deps.narrator.narrate(caller, {
      question,
      answer: found,
      messageId: turn.messageId,
      signal,
      tell,
    });
    const executionTimeMs = Math.round((performance.now() - startedAt) * 10) / 10;
    const answer: Answer = {
      ...found,
      data: found.data && cutRows(found.data),
      response: text,
      suggestions: followUps(found),
      tokensUsed: analyst.tokensUsed + tokensUsed,
      executionTimeMs,
    };
    const warning: EmittedEvent = [
      'warning',
      { reason: 'llm_unavailable', detail: gaveOut, message: 'The model gave out; the built-in words go on.' },
    ];
    await emit([
      ...(gaveOut ? [warning] : []),
      ...chunksOf(text.slice(told)).map(([content, isFinal]): EmittedEvent => ['text', { content, is_final: isFinal }]),
      ...(answer.suggestions.length > 0 ? [['suggestions', { suggestions: answer.suggestions }] as EmittedEvent] : []),
    ]);
    return { status: 'completed', answer, error: null, message: null };
  } catch (thrown) {
    return failure(thrown, signal, deps.timings.deadlineMs);
  }
}

/** The session is held by this turn, so nobody adds to it meanwhile. */
async function previousAnswer({ db, messages }: RunDeps, { tenantId }: Caller, sessionId: string): Promise<Answer | null> {
  const row = await db.inTenant(tenantId, (tx) => messages.lastAnswered(tx, { tenantId, sessionId }));
  return row ? toMessage(row).answer : null;
}

/** A port that does not listen to its signal must not hold the turn. */
function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function failure(thrown: unknown, signal: AbortSignal, deadlineMs: number): TurnResult {
  const base = { answer: null, message: null };
  if (signal.aborted && signal.reason === cancelledByUser) {
    const cause = errors.CONFLICT({ what: 'The turn was cancelled', hint: 'ask again, or retry the message' });
    return { ...base, status: 'cancelled', cause, error: { code: 'CONFLICT', message: 'The turn was cancelled.', retryable: true } };
  }
  if (signal.aborted && (signal.reason === stopping || signal.reason === lostLease))
    return { ...base, status: 'failed', cause: errors.SERVICE_UNAVAILABLE(), error: interrupted };
  const cause = signal.aborted && signal.reason === deadline ? errors.TIMEOUT({ seconds: deadlineMs / 1000 }) : thrown;
  const { code, message, retryable } = toPublicError(cause);
  return { ...base, status: 'failed', cause, error: { code, message, retryable } };
}

function ending(
  { status, error, answer, message }: TurnResult,
  { turn, durationMs }: { readonly turn: RunningTurn; readonly durationMs: number },
): readonly EmittedEvent[] {
  const end: EmittedEvent = [
    'stream_end',
    {
      message_id: message?.id ?? turn.messageId,
      status,
      execution_time_ms: Math.round(durationMs * 10) / 10,
      tokens_used: answer?.tokensUsed ?? 0,
    },
  ];
  if (!error) return [end];
  return [['error', { code: error.code, message: error.message, retryable: error.retryable }], end];
}

function renewing(
  { db, sessions, timings, logger }: RunDeps,
  { caller, turn, controller }: { readonly caller: Caller; readonly turn: RunningTurn; readonly controller: AbortController },
): NodeJS.Timeout {
  const renew = async (): Promise<void> => {
    const held = await db.inTenant(caller.tenantId, (tx) =>
      sessions.renew(tx, { tenantId: caller.tenantId, id: turn.sessionId, runId: turn.runId, leaseMs: timings.leaseMs }),
    );
    if (!held) controller.abort(lostLease);
    if (held?.cancelRequested) controller.abort(cancelledByUser);
  };
  return setInterval(() => {
    renew().catch((error: unknown) =>
      logger.warn({ event: 'chat.lease_not_renewed', runId: turn.runId, err: error }, 'a turn could not renew its lease'),
    );
  }, timings.renewEveryMs);
}

const chunkLength = 400;

/** Long texts travel in pieces; together they are the stored text, byte for byte. */
function chunksOf(text: string): readonly (readonly [content: string, isFinal: boolean])[] {
  const characters = [...text];
  const count = Math.max(1, Math.ceil(characters.length / chunkLength));
  return Array.from(
    { length: count },
    (_, i) => [characters.slice(i * chunkLength, (i + 1) * chunkLength).join(''), i === count - 1] as const,
  );
}
