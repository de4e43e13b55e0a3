import type { Remembered } from './prediction-log';

/** Rows of a version in one role that are kept however fast they come, and how many milliseconds then pass for each more. */
const [burst, msPerRow] = [1_000, 10];

/**
 * Which predictions of a busy version are remembered: all of a burst, then a hundred a second (a token bucket, one for each version and role, so
 * that a shadow or a small candidate is not starved by what answers most). Of a model that is asked thousands of times a second the newest
 * few thousand rows, which drift and comparison read, then span most of a minute instead of a second or two, and requests do not wait for a processor
 * while the database stores what nobody will read.
 */
export class Thinning {
  /** Up to when the time of each has been spent, in milliseconds. As whole numbers: nothing is lost in rounding. */
  private readonly spentUntil = new Map<string, number>();

  /** Whether this one is kept. Time is that of the predictions. */
  keeps({ modelId, version, role, madeAt }: Remembered): boolean {
    const key = `${modelId}/${version}/${role}`;
    const now = madeAt.getTime();
    // A clock set back gives nothing, and is not waited for.
    const spent = Math.min(now, Math.max(this.spentUntil.get(key) ?? 0, now - burst * msPerRow));
    const kept = spent + msPerRow <= now;
    this.spentUntil.set(key, kept ? spent + msPerRow : spent);
    return kept;
  }

  /** Forgets what has all its room again at the time of the newest of these. */
  sweep(newest: readonly Remembered[]): void {
    const full = (newest.at(-1)?.madeAt.getTime() ?? 0) - burst * msPerRow;
    for (const [key, spent] of this.spentUntil) if (spent <= full) this.spentUntil.delete(key);
  }
}
