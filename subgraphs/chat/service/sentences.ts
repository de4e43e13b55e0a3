/** The end of a sentence with the space after it: only then is its last number known to be complete. */
const sentenceEnd = /[.!?…][”"')\]]*\s+|\n+/g;

/** Cuts a text that arrives in pieces into sentences, and lets each through once it has passed a check; none after one that failed. */
export class Sentences {
  /** What was let through. */
  text = '';
  isBroken = false;
  private pending = '';

  constructor(private readonly isTrue: (sentence: string) => boolean) {}

  /** Returns what may be told now, empty where nothing may. */
  add(piece: string): string {
    this.pending = this.text === '' ? (this.pending + piece).trimStart() : this.pending + piece;
    let passed = 0;
    for (const { index, 0: mark } of this.pending.matchAll(sentenceEnd)) {
      const end = index + mark.length;
      if (!this.check(this.pending.slice(passed, end))) break;
      passed = end;
    }
    return this.release(passed);
  }

  /** The text has come to its end: what is left is a sentence, too. */
  end(): void {
    this.pending = this.pending.trimEnd();
    if (this.pending !== '' && this.check(this.pending)) this.release(this.pending.length);
  }

  private check(sentence: string): boolean {
    if (!this.isBroken && !this.isTrue(sentence)) this.isBroken = true;
    return !this.isBroken;
  }

  private release(length: number): string {
    const ready = this.pending.slice(0, length);
    this.text += ready;
    this.pending = this.isBroken ? '' : this.pending.slice(length);
    return ready;
  }
}
