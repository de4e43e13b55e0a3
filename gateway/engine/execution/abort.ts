import { AppError, errors } from '#platform/errors';

/** What an ended signal means for the caller: its reason where that is one of ours, else a deadline or a client that left. */
export function abortFailure(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  if (reason instanceof AppError) return reason;
  if ((reason as { name?: unknown } | null)?.name === 'TimeoutError') return errors.TIMEOUT({ seconds: 'the allowed' });
  return errors.SERVICE_UNAVAILABLE();
}

/** The work's outcome, or the abort's, whichever is first: a resolver that ignores the signal must not hold the answer. */
export function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortFailure(signal));
    if (signal.aborted) return onAbort();
    let isListening = false;
    // What ends in this turn of the event loop, as reads in process do, needs no listener, which would cost more than they do.
    const later = setImmediate(() => {
      if (signal.aborted) return onAbort();
      isListening = true;
      signal.addEventListener('abort', onAbort, { once: true });
    });
    const settle = (): void => {
      clearImmediate(later);
      if (isListening) signal.removeEventListener('abort', onAbort);
    };
    work.then(
      () => {
        settle();
        resolve();
      },
      (thrown: unknown) => {
        settle();
        reject(thrown as Error);
      },
    );
  });
}
