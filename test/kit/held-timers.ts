/**
 * Holds back every `setTimeout` of one length, so that a deadline passes when the test says so and never because the machine stood still.
 * `using deadlines = holdTimers(12_345)`; the length is one that nothing else uses. `shorterBy`: also those that are shorter by at most
 * so much, for deadlines of which the time so far is taken off.
 */
export function holdTimers(milliseconds: number, { shorterBy = 0 }: { readonly shorterBy?: number } = {}) {
  const [original, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
  const held: { readonly handle: unknown; readonly callback: () => void }[] = [];
  const waiting = new Map<unknown, () => void>();
  const setting = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay?: number, ...rest: unknown[]) => {
    if (delay === undefined || delay > milliseconds || delay < milliseconds - shorterBy) return original(callback, delay, ...(rest as []));
    // Something that can be cleared.
    const handle = original(() => undefined, 0);
    held.push({ handle, callback });
    waiting.set(handle, callback);
    return handle;
  }) as typeof setTimeout);
  const clearing = jest.spyOn(globalThis, 'clearTimeout').mockImplementation((handle) => {
    waiting.delete(handle);
    clear(handle);
  });
  return {
    /** How many were set so far. */
    count: (): number => held.length,
    /** How many were neither cleared nor passed. */
    waitingCount: (): number => waiting.size,
    /** The time of the one that was set last is over. */
    passLast(): void {
      const { handle, callback } = held.at(-1)!;
      waiting.delete(handle);
      callback();
    },
    /** The time of all that were set so far is over; of each once, and of none that was cleared. */
    passAll(): void {
      const over = [...waiting.values()];
      waiting.clear();
      for (const callback of over) callback();
    },
    [Symbol.dispose](): void {
      setting.mockRestore();
      clearing.mockRestore();
    },
  };
}
