import type { LogEvent, Retained } from './types';

interface Entry {
  readonly event: LogEvent;
  /** Bytes of all events of the topic up to and including this one. */
  readonly bytesUpTo: number;
}

/** The newest events of one topic, oldest first, without a hole. */
export class TopicBuffer {
  private entries: Entry[] = [];
  private start = 0;
  private bytes = 0;
  newest = 0;

  constructor(
    private readonly maxEvents: number,
    private readonly maxBytes: number,
  ) {}

  get oldest(): number {
    return this.size === 0 ? 0 : this.newest - this.size + 1;
  }

  get retained(): Retained {
    return { oldest: this.oldest, newest: this.newest };
  }

  private get size(): number {
    return this.entries.length - this.start;
  }

  /** `bytes`: of the event's data as JSON. */
  push(event: LogEvent, bytes: number): void {
    // A hole (events that were never seen here) ends what can be replayed.
    if (event.sequence !== this.newest + 1) this.clear();
    this.bytes += bytes;
    this.newest = event.sequence;
    this.entries.push({ event, bytesUpTo: this.bytes });
    while (this.size > this.maxEvents || (this.size > 1 && this.bytes - this.entries[this.start]!.bytesUpTo > this.maxBytes))
      this.start += 1;
    if (this.start > this.maxEvents) this.compact();
  }

  /** Events after `sequence`; null where some of them are not held. */
  after(sequence: number, limit: number): readonly LogEvent[] | null {
    if (sequence >= this.newest) return [];
    if (this.size === 0 || sequence + 1 < this.oldest) return null;
    const from = this.start + (sequence + 1 - this.oldest);
    return this.entries.slice(from, from + limit).map(({ event }) => event);
  }

  /** Bytes of the held events after `sequence`. */
  bytesAfter(sequence: number): number {
    if (sequence >= this.newest || this.size === 0) return 0;
    const last = this.start + (sequence - this.oldest);
    return this.bytes - (last < this.start ? this.entries[this.start]!.bytesUpTo : this.entries[last]!.bytesUpTo);
  }

  /** Holds nothing, and goes on after `newest`. */
  restart(newest: number): void {
    this.clear();
    this.newest = newest;
  }

  private clear(): void {
    this.entries = [];
    this.start = 0;
  }

  private compact(): void {
    this.entries = this.entries.slice(this.start);
    this.start = 0;
  }
}
