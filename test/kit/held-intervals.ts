/**
 * Intervals of one length beat only when the test says so, so that none depends on how fast a machine is. In front of the code that sets
 * them: `using heartbeats = holdIntervals(54_321)`; the length is one that nothing else uses.
 */
export function holdIntervals(milliseconds: number) {
  const [set, clear] = [globalThis.setInterval, globalThis.clearInterval];
  const held = new Map<unknown, () => void>();
  const setting = jest.spyOn(globalThis, 'setInterval').mockImplementation(((callback: () => void, delay?: number, ...rest: unknown[]) => {
    if (delay !== milliseconds) return set(callback, delay, ...(rest as []));
    // Something that can be cleared, and unref'd.
    const handle = set(() => undefined, 2_147_000_000).unref();
    held.set(handle, callback);
    return handle;
  }) as typeof setInterval);
  const clearing = jest.spyOn(globalThis, 'clearInterval').mockImplementation((handle) => {
    held.delete(handle);
    clear(handle);
  });
  return {
    /** Each that is set and not cleared beats once, in the order in which they were set. */
    beat: (): void => [...held.values()].forEach((callback) => callback()),
    [Symbol.dispose]: (): void => {
      setting.mockRestore();
      clearing.mockRestore();
    },
  };
}
