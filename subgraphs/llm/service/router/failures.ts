import { errors, type AppError } from '#platform/errors';

import type { AttemptFailed } from '../resilience/failure';
import type { Verdict } from '../strategy/facts';
import type { Attempt, FailureReason } from '../types';

/** Seconds after which trying again makes sense where no provider said. */
const usualRetrySeconds = 5;

interface Unavailable {
  readonly verdicts: readonly Verdict[];
  readonly failures: ReadonlyMap<string, AttemptFailed>;
  readonly attempts: readonly Attempt[];
  readonly decisionId: string;
}

/** LLM_UNAVAILABLE with each candidate's reason; INVALID_REQUEST where every provider found fault with the request itself. */
export function unavailable({ verdicts, failures, attempts, decisionId }: Unavailable): AppError {
  const all = [...failures.values()];
  const [first] = all;
  if (first && all.every(({ reason }) => reason === 'bad_request')) {
    return errors.INVALID_REQUEST(
      { what: 'The request', hint: `the provider refused it: ${first.facts.hint ?? 'no reason given'}` },
      { details: { decisionId }, cause: first },
    );
  }
  const ruledOut = verdicts
    .filter(({ eligible, facts }) => !eligible && !facts.lastResort)
    .map(({ facts, reasons }) => [`${facts.provider}/${facts.model}`, ruledOutReason(reasons)] as const);
  const tried = [...failures].map(([name, { reason }]) => [name, reason] as const);
  const advice = all.flatMap(({ reason, facts }) => (reason === 'not_loaded' && facts.hint ? [facts.hint] : []));
  const reasons = Object.fromEntries([...ruledOut, ...tried]);
  const waits = [
    ...all.flatMap(({ facts }) => (facts.retryAfterMs === undefined ? [] : [facts.retryAfterMs])),
    ...verdicts.flatMap(({ facts }) => (facts.waitMs > 0 ? [facts.waitMs] : [])),
  ];
  const retryAfterSeconds = waits.length > 0 ? Math.max(1, Math.ceil(Math.min(...waits) / 1_000)) : usualRetrySeconds;
  const hint =
    Object.keys(reasons).length === 0
      ? 'none is configured'
      : Object.entries(reasons)
          .map(([name, reason]) => `${name} ${reason}`)
          .join(', ') + advice.map((each) => `; ${each}`).join('');
  return errors.LLM_UNAVAILABLE({ hint }, { details: { reasons, retryAfterSeconds, attempts, decisionId }, cause: first });
}

const ruledOutReason = (reasons: readonly string[]): FailureReason => {
  const text = reasons.join(' ');
  return (['breaker_open', 'rate_limited', 'overloaded'] as const).find((reason) => text.includes(reason)) ?? 'not_eligible';
};

/** A stream that broke off: what came before is in `partialText`, and is not an answer. */
export function interrupted(
  failure: AttemptFailed,
  at: { readonly provider: string; readonly model: string; readonly text: string; readonly decisionId: string },
): AppError {
  const { provider, model, text, decisionId } = at;
  const name = `${provider}/${model}`;
  return errors.LLM_UNAVAILABLE(
    { hint: `the answer of ${name} broke off (${failure.reason})` },
    {
      details: {
        reason: failure.reason,
        reasons: { [name]: failure.reason },
        interrupted: true,
        partialText: text,
        retryAfterSeconds: 1,
        decisionId,
      },
      cause: failure,
    },
  );
}

/** What a caller who gave up gets: TIMEOUT where a deadline passed, its own reason where it cancelled. */
export function callerGaveUp(reason: unknown): unknown {
  if ((reason as { name?: unknown } | undefined)?.name === 'TimeoutError') return errors.TIMEOUT({ seconds: undefined }, { cause: reason });
  return reason ?? new DOMException('aborted', 'AbortError');
}
