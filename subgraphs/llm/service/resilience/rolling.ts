/** The last `size` measurements and their median. */
export class RollingMedian {
  private readonly values: number[] = [];
  private next = 0;
  private median: number | null = null;

  constructor(private readonly size = 32) {}

  add(value: number): void {
    this.values[this.next % this.size] = value;
    this.next += 1;
    this.median = null;
  }

  /** null where nothing was measured. */
  get value(): number | null {
    if (this.values.length === 0) return null;
    if (this.median === null) {
      const sorted = [...this.values].sort((a, b) => a - b);
      this.median = sorted[Math.floor(sorted.length / 2)]!;
    }
    return this.median;
  }
}

/** Share of failures among the last `size` outcomes of the last `windowMs`. */
export class RollingErrorRate {
  private readonly outcomes: { at: number; failed: boolean }[] = [];

  constructor(
    private readonly size = 50,
    private readonly windowMs = 300_000,
  ) {}

  add(failed: boolean, now: number): void {
    this.outcomes.push({ at: now, failed });
    if (this.outcomes.length > this.size) this.outcomes.shift();
  }

  value(now: number): number {
    const recent = this.outcomes.filter(({ at }) => now - at < this.windowMs);
    return recent.length === 0 ? 0 : recent.filter(({ failed }) => failed).length / recent.length;
  }
}
