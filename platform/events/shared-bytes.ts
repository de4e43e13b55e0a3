import type { TopicBuffer } from './topic-buffer';

/**
 * What all topics of a process may hold together. Past it, the topic that was silent for longest gives up its oldest events first; each
 * keeps its newest one, by which a reader who comes back learns what is gone.
 */
export class SharedBytes {
  private held = 0;
  /** Topics that can still give something up, in the order of their last append. */
  private readonly byLastAppend = new Set<TopicBuffer>();

  constructor(private readonly maxBytes: number) {}

  /** After an append to a topic that held `before` bytes until then. */
  appended(buffer: TopicBuffer, before: number): void {
    this.held += buffer.heldBytes - before;
    this.byLastAppend.delete(buffer);
    this.byLastAppend.add(buffer);
    for (const oldest of this.byLastAppend) {
      if (this.held <= this.maxBytes) return;
      this.shed(oldest);
    }
  }

  forget(buffer: TopicBuffer): void {
    this.held -= buffer.heldBytes;
    this.byLastAppend.delete(buffer);
  }

  private shed(buffer: TopicBuffer): void {
    while (this.held > this.maxBytes) {
      const before = buffer.heldBytes;
      if (!buffer.dropOldest()) return void this.byLastAppend.delete(buffer);
      this.held -= before - buffer.heldBytes;
    }
  }
}
