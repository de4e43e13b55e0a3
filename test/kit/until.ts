/**
 * Waits for a condition instead of sleeping; fails with the last value seen when the time is up. The limit only decides how soon a
 * failure is told, so it is generous: a machine under load must not fail a test.
 */
export async function until<Value>(
  probe: () => Value | Promise<Value>,
  { withinMs = 60_000, everyMs = 10 }: { withinMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Value>> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`condition not met within ${withinMs} ms; last value: ${String(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
