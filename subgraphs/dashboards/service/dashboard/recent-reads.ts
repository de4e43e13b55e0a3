export interface RecentReadsOptions {
  /** @default 1_000 ms */
  readonly maxAgeMs?: number;
  /** @default 1_000 */
  readonly maxEntries?: number;
  readonly now?: () => number;
}

interface Entry<Value> {
  readonly value: Promise<Value>;
  readonly at: number;
}

/** What was read a moment ago, for readers who come in numbers. One read serves all who ask while it runs; a failure is not kept. */
export class RecentReads<Value> {
  private readonly entries = new Map<string, Entry<Value>>();

  constructor(private readonly options: RecentReadsOptions = {}) {}

  read(key: string, load: () => Promise<Value>): Promise<Value> {
    const { maxAgeMs = 1_000, maxEntries = 1_000 } = this.options;
    const now = (this.options.now ?? Date.now)();
    const known = this.entries.get(key);
    if (known && now - known.at < maxAgeMs) return known.value;
    const entry: Entry<Value> = { value: load(), at: now };
    // Last in the map is the one read last; the first is the oldest.
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.value.catch(() => this.entries.get(key) === entry && this.entries.delete(key));
    if (this.entries.size > maxEntries) this.entries.delete(this.entries.keys().next().value!);
    return entry.value;
  }

  /** After a change is committed. A read that began before it is no longer kept, so that what it saw is not given again. */
  forget(key: string): void {
    this.entries.delete(key);
  }
}
