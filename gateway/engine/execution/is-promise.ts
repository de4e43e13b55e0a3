export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** For work that may be done at once: what is waited for costs a turn of the microtask queue and a promise that outlives it. */
export const isWaiting = <Value>(value: Promise<Value> | Value): value is Promise<Value> => isPromise(value);
