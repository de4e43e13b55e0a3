export interface Cached<Value> {
  readonly value: Value;
  /** Milliseconds since 1970 at which it was computed. */
  readonly at: number;
}

interface Entry<Value> {
  cached?: Cached<Value>;
  running?: Promise<Cached<Value>>;
  bytes: number;
}

export interface WidgetCacheOptions {
  /** @default 134_217_728 */
  readonly maxBytes?: number;
  readonly now?: () => number;
}

/**
 * Results of widgets: fresh for their time to live; as long again a stale one is given at once while one run renews it; callers who
 * ask for the same at once share one run.
 */
export class WidgetCache<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private bytes = 0;

  constructor(private readonly options: WidgetCacheOptions = {}) {}

  async resolve(
    key: string,
    { ttlMs, refresh, run }: { ttlMs: number; refresh: boolean; run: (renewed: boolean) => Promise<Value> },
  ): Promise<Cached<Value> & { readonly hit: boolean }> {
    const entry = this.touch(key);
    const age = entry.cached ? this.now() - entry.cached.at : Infinity;
    if (!refresh && entry.cached && age < ttlMs) return { ...entry.cached, hit: true };
    const running = (entry.running ??= this.start(key, entry, () => run(entry.cached !== undefined)));
    if (!refresh && entry.cached && age < 2 * ttlMs) {
      // Its failure reaches whoever waits for it; the stale value stays until it succeeds.
      running.catch(() => undefined);
      return { ...entry.cached, hit: true };
    }
    return { ...(await running), hit: false };
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }

  private touch(key: string): Entry<Value> {
    const entry = this.entries.get(key) ?? { bytes: 0 };
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry;
  }

  private async start(key: string, entry: Entry<Value>, run: () => Promise<Value>): Promise<Cached<Value>> {
    try {
      const cached = { value: await run(), at: this.now() };
      entry.cached = cached;
      this.account(key, entry, JSON.stringify(cached.value).length * 2);
      return cached;
    } catch (error) {
      if (!entry.cached) this.entries.delete(key);
      throw error;
    } finally {
      entry.running = undefined;
    }
  }

  private account(key: string, entry: Entry<Value>, bytes: number): void {
    this.bytes += bytes - entry.bytes;
    entry.bytes = bytes;
    for (const [oldest, old] of this.entries) {
      if (this.bytes <= (this.options.maxBytes ?? 134_217_728)) return;
      if (oldest === key || old.running) continue;
      this.entries.delete(oldest);
      this.bytes -= old.bytes;
    }
  }
}
