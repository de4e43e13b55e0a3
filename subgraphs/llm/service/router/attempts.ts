import { DelegateBackoff, handleWhen, retry, type RetryPolicy } from 'cockatiel';

import type { RateLimiter } from '#platform/limits';

import type { Target } from '../config/active-config';
import { CallClock } from '../resilience/call-clock';
import { AttemptFailed, CallerAborted, isTransient, toAttemptFailed } from '../resilience/failure';
import type { Attempt, TimeoutSettings } from '../types';

export interface Won<Value> {
  readonly value: Value;
  readonly target: Target;
  readonly clock: CallClock;
  readonly startedAt: number;
  /** Gives the place back and ends the timers. Once, when the answer has ended. */
  release(): void;
}

export interface AttemptsOptions<Value> {
  readonly ranked: readonly Target[];
  readonly limits: TimeoutSettings;
  readonly maxRetries: number;
  readonly signal: AbortSignal | undefined;
  readonly rates: RateLimiter;
  /** Calls the provider and resolves with its answer, or with its stream at the first token: from then on nothing is repeated. */
  readonly open: (target: Target, clock: CallClock) => Promise<Value>;
  /** Each attempt as it ends without an answer. */
  readonly onFailed: (attempt: Attempt) => void;
}

/** Longest that a caller is made to wait for one provider's Retry-After when there is no other to go to. */
const longestWaitMs = 10_000;

/** All candidates failed; `reasons` says how each. */
export class AllFailed extends Error {
  override readonly name = 'AllFailed';
  constructor(readonly failures: ReadonlyMap<string, AttemptFailed>) {
    super('no candidate answered');
  }
}

/** Tries the ranked targets in order, each with its retries, until one answers. Throws AllFailed, or CallerAborted. */
export async function runAttempts<Value>(options: AttemptsOptions<Value>): Promise<Won<Value>> {
  const { ranked, signal, maxRetries } = options;
  const failures = new Map<string, AttemptFailed>();
  const begun = performance.now();
  for (const [index, target] of ranked.entries()) {
    const isLast = index === ranked.length - 1;
    try {
      return await patience(maxRetries, isLast).execute(() => attempt(target, begun, options), signal);
    } catch (error) {
      if (!(error instanceof AttemptFailed)) throw error;
      failures.set(`${target.provider.name}/${target.model}`, error);
      if (options.limits.totalMs - (performance.now() - begun) <= 0) break;
    }
  }
  throw new AllFailed(failures);
}

// While there is another candidate, a provider that asks for time is left alone at once; the last one is waited for.
const patience = (maxRetries: number, isLast: boolean): RetryPolicy =>
  retry(
    handleWhen((error) => isTransient(error) && wait(error) <= (isLast ? longestWaitMs : 0) && (isLast || error.reason !== 'rate_limited')),
    {
      maxAttempts: maxRetries,
      backoff: new DelegateBackoff(({ attempt: made, result }) => {
        const asked = 'error' in result && result.error instanceof AttemptFailed ? wait(result.error) : 0;
        // Jitter keeps callers that failed together from coming back together.
        return asked > 0 ? asked + Math.random() * 50 : Math.min(2_000, 100 * 2 ** (made - 1)) * (0.5 + Math.random() / 2);
      }),
    },
  );

const wait = (error: AttemptFailed): number => error.facts.retryAfterMs ?? 0;

async function attempt<Value>(target: Target, begun: number, options: AttemptsOptions<Value>): Promise<Won<Value>> {
  const startedAt = performance.now();
  if (options.signal?.aborted) throw new CallerAborted('the caller gave up', { cause: options.signal.reason });
  const { limits } = options;
  let release: (() => void) | undefined;
  let clock: CallClock | undefined;
  try {
    const place = await target.guard.takePlace();
    release = place;
    await takeRate(target, options.rates);
    const timer = new CallClock({ ...limits, totalMs: Math.max(1, limits.totalMs - (startedAt - begun)) }, options.signal);
    clock = timer;
    const value = await target.guard.attempt(() => explained(options.open(target, timer), timer));
    const done = (): void => {
      timer.dispose();
      place();
    };
    return { value, target, clock: timer, startedAt, release: done };
  } catch (error) {
    clock?.dispose();
    release?.();
    if (error instanceof AttemptFailed || error instanceof CallerAborted)
      options.onFailed(toAttempt(target, error, performance.now() - startedAt));
    throw error;
  }
}

/** An attempt's failure by its real cause; also ends the wait for a model that does not heed its signal. */
async function explained<Value>(work: Promise<Value>, clock: CallClock): Promise<Value> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new AttemptFailed('timeout'));
    clock.signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    // A late failure of the abandoned work has nobody left to tell.
    work.catch(() => undefined);
    const explanation = clock.explain(error);
    clock.abort();
    throw explanation instanceof CallerAborted ? explanation : toAttemptFailed(explanation);
  } finally {
    if (onAbort) clock.signal.removeEventListener('abort', onAbort);
  }
}

async function takeRate(target: Target, rates: RateLimiter): Promise<void> {
  const limit = target.provider.rateLimitRpm;
  if (limit === null) return;
  const decision = await rates.take(target.rateKey, { limit, windowMs: 60_000 });
  const until = Date.now() + (decision.allowed ? 5_000 : Math.max(1, decision.retryAfterSeconds) * 1_000);
  target.rateRemaining = { value: decision.allowed ? Math.max(1, decision.remaining) : 0, until };
  if (!decision.allowed)
    throw new AttemptFailed('rate_limited', {
      retryAfterMs: decision.retryAfterSeconds * 1_000,
      hint: `${limit} requests a minute are used up`,
    });
}

const toAttempt = (target: Target, error: AttemptFailed | CallerAborted, latencyMs: number): Attempt => ({
  provider: target.provider.name,
  model: target.model,
  outcome: error instanceof AttemptFailed ? 'failed' : 'cancelled',
  reason: error instanceof AttemptFailed ? error.reason : null,
  latencyMs: Math.round(latencyMs * 10) / 10,
  status: error instanceof AttemptFailed ? (error.facts.status ?? null) : null,
});
