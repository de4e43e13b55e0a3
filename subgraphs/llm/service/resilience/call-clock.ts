import { AttemptFailed, CallerAborted } from './failure';
import type { TimeoutSettings } from '../types';

/** Longest delay of a timer in Node. */
const forever = 2_147_483_647;

/**
 * The time limits of one attempt: first token, between parts, in all, and the caller's own signal. Whatever happens first aborts
 * `signal`, and `explain` says which it was. `dispose` must be called when the attempt has ended.
 */
export class CallClock {
  private readonly controller = new AbortController();
  private readonly whole: NodeJS.Timeout;
  private phase: NodeJS.Timeout;
  private isWaiting = true;
  private cause: 'first_token' | 'idle' | 'total' | 'caller' | 'shutdown' | null = null;

  constructor(
    private readonly limits: TimeoutSettings,
    private readonly caller: AbortSignal | undefined,
  ) {
    // The socket of a call in progress keeps the process alive, not its timers.
    this.whole = setTimeout(() => this.end('total'), limits.totalMs).unref();
    this.phase = setTimeout(() => this.end('first_token'), Math.min(limits.firstTokenMs, forever)).unref();
    if (caller?.aborted) this.end('caller');
    else caller?.addEventListener('abort', this.onCaller, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From here on only the gaps between parts are timed: a reader that pauses is not the provider's silence. */
  streaming(): void {
    clearTimeout(this.phase);
    this.isWaiting = false;
    this.phase = setTimeout(() => {
      if (this.isWaiting) this.end('idle');
    }, this.limits.idleMs).unref();
  }

  /** Before each read of a stream, and after it. Node's `refresh` starts a timer again, also one that has fired. */
  waiting(isWaiting: boolean): void {
    this.isWaiting = isWaiting;
    if (isWaiting && this.cause === null) this.phase.refresh();
  }

  /** Ends the provider's work where its answer is no longer wanted. */
  abort(): void {
    this.controller.abort(new DOMException('aborted', 'AbortError'));
  }

  /** The service stops: what is under way ends now, also where nobody reads it. */
  shutdown(): void {
    this.end('shutdown');
  }

  /** What really happened where an attempt failed after `signal` fired; the error itself otherwise. */
  explain(error: unknown): unknown {
    if (this.cause === 'caller') return new CallerAborted('the caller gave up', { cause: this.caller?.reason });
    if (this.cause === 'shutdown') return new AttemptFailed('interrupted', { hint: 'the service is stopping' });
    if (this.cause !== null)
      return new AttemptFailed('timeout', {
        hint: `no ${this.cause === 'first_token' ? 'first token' : this.cause === 'idle' ? 'further token' : 'end'} in time`,
      });
    return error;
  }

  dispose(): void {
    clearTimeout(this.whole);
    clearTimeout(this.phase);
    this.caller?.removeEventListener('abort', this.onCaller);
  }

  private readonly onCaller = (): void => this.end('caller');

  private end(cause: NonNullable<CallClock['cause']>): void {
    if (this.cause !== null) return;
    this.cause = cause;
    this.controller.abort(new DOMException(cause === 'caller' || cause === 'shutdown' ? 'aborted' : `${cause} timeout`, 'AbortError'));
  }
}
