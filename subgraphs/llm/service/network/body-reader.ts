import type { Readable } from 'node:stream';

/** A Node stream read at the reader's pace: each step gives all that has arrived. */
export class BodyReader {
  private wake: (() => void) | null = null;
  private failure: Error | null = null;
  private hasEnded = false;

  constructor(private readonly body: Readable) {
    const woken = (): void => {
      this.wake?.();
      this.wake = null;
    };
    body.on('readable', woken);
    body.once('end', () => {
      this.hasEnded = true;
      woken();
    });
    body.once('close', () => {
      if (!this.hasEnded) this.failure ??= new Error('the body closed before its end');
      woken();
    });
    body.once('error', (error: Error) => {
      this.failure = error;
      woken();
    });
  }

  /** null at the end. Rejects where the body breaks off, after everything that came before. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      const piece = this.body.read() as Buffer | null;
      if (piece) return piece;
      if (this.failure) throw this.failure;
      if (this.hasEnded) return null;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  async text(): Promise<string> {
    const pieces: Buffer[] = [];
    for (let piece = await this.next(); piece; piece = await this.next()) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  }

  cancel(): void {
    this.body.destroy();
  }
}
