import type { LogEvent, Retained } from './types';

interface Entry {
  readonly event: LogEvent;
  /** Bytes of all events of the topic up to and including this one. */
  readonly bytesUpTo: number;
}

/** Empty places that are worth copying a list for. */
const minCut = 64;

/** The newest events of one topic, oldest first, without a hole. */
export class TopicBuffer {
  /** What was dropped leaves its place empty at once: until the list is cut, only the places are held and no event. */
  private entries: (Entry | undefined)[] = [];
  private start = 0;
  private bytes = 0;
  private bytesDropped = 0;
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

  /** Bytes of JSON that are held. */
  get heldBytes(): number {
    return this.bytes - this.bytesDropped;
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
    while (this.size > this.maxEvents || this.heldBytes > this.maxBytes) if (!this.dropOldest()) break;
  }

  /** Gives up the oldest event, and says false where only the newest is left. */
  dropOldest(): boolean {
    if (this.size <= 1) return false;
    this.bytesDropped = this.entries[this.start]!.bytesUpTo;
    this.entries[this.start] = undefined;
    this.start += 1;
    if (this.start > minCut && this.start > this.size) this.compact();
    return true;
  }

  /** Events after `sequence`; null where some of them are not held. */
  after(sequence: number, limit: number): readonly LogEvent[] | null {
    if (sequence >= this.newest) return [];
    if (this.size === 0 || sequence + 1 < this.oldest) return null;
    const from = this.start + (sequence + 1 - this.oldest);
    return this.entries.slice(from, from + limit).map((entry) => entry!.event);
  }

  /** Bytes of the held events after `sequence`. */
  bytesAfter(sequence: number): number {
    if (sequence >= this.newest || this.size === 0) return 0;
    const last = this.start + (sequence - this.oldest);
    return this.bytes - (last < this.start ? this.bytesDropped : this.entries[last]!.bytesUpTo);
  }

  /** Holds nothing, and goes on after `newest`. */
  restart(newest: number): void {
    this.clear();
    this.newest = newest;
  }

  private clear(): void {
    this.entries = [];
    this.start = 0;
    this.bytesDropped = this.bytes;
  }

  private compact(): void {
    this.entries = this.entries.slice(this.start);
    this.start = 0;
  }
}
