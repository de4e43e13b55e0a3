/**
 * Holds back every `setTimeout` of one length, so that a deadline passes when the test says so and never because the machine stood still.
 * `using deadlines = holdTimers(12_345)`; the length is one that nothing else uses.
 */
export function holdTimers(milliseconds: number) {
  const original = globalThis.setTimeout;
  const held: (() => void)[] = [];
  let passed = 0;
  const spy = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, delay?: number, ...rest: unknown[]) => {
    if (delay !== milliseconds) return original(callback, delay, ...(rest as []));
    held.push(callback);
    // Something that can be cleared.
    return original(() => undefined, 0);
  }) as typeof setTimeout);
  return {
    /** How many were set so far. */
    count: (): number => held.length,
    /** The time of the one that was set last is over. */
    passLast: (): void => held.at(-1)!(),
    /** The time of all that were set so far is over; of each once. */
    passAll: (): void => {
      for (; passed < held.length; passed += 1) held[passed]!();
    },
    [Symbol.dispose]: (): void => spy.mockRestore(),
  };
}
