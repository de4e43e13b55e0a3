/** Bytes of text that one answer may have; what is beyond is cut. */
export const maxAnswerBytes = 1_048_576;

/** A model that ignores `max_tokens` is cut where its text cannot be that few tokens any more. */
const mostCharactersPerToken = 12;

const window = 4_096;
const fewestRepeats = 16;
const checkEvery = 1_024;

/** Watches a text grow and says when it must be cut: too long, or the same passage over and over. */
export class OutputWatch {
  private bytes = 0;
  private checkedAt = 0;
  private tail = '';

  constructor(private readonly maxTokens: number | undefined) {}

  /** Why the text must end here; null where it may go on. */
  add(delta: string): 'too_long' | 'repetition' | null {
    this.bytes += Buffer.byteLength(delta);
    if (this.bytes > maxAnswerBytes) return 'too_long';
    if (this.maxTokens !== undefined && this.bytes > this.maxTokens * mostCharactersPerToken + 256) return 'too_long';
    this.tail = (this.tail + delta).slice(-window);
    if (this.bytes - this.checkedAt < checkEvery || this.tail.length < window) return null;
    this.checkedAt = this.bytes;
    return repeats(this.tail) ? 'repetition' : null;
  }
}

/** True where the whole text is one passage, of at most a sixteenth of it, repeated. The period is found by the border array (Knuth, Morris and Pratt, 1977). */
export function repeats(text: string): boolean {
  const border = new Int32Array(text.length);
  for (let i = 1, k = 0; i < text.length; i += 1) {
    while (k > 0 && text[i] !== text[k]) k = border[k - 1]!;
    if (text[i] === text[k]) k += 1;
    border[i] = k;
  }
  return text.length - border[text.length - 1]! <= text.length / fewestRepeats;
}
