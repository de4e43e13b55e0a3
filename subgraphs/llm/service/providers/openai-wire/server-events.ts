import { StringDecoder } from 'node:string_decoder';

/** Server-sent events out of bytes that are split anywhere, also inside a character (WHATWG HTML §9.2.6; only the field `data` is read). */
export class ServerEvents {
  private readonly decoder = new StringDecoder('utf8');
  private unfinished = '';
  private data: string | null = null;
  private isFirst = true;

  /** The data of each event that is complete with these bytes. */
  add(bytes: Buffer): readonly string[] {
    const lines = (this.unfinished + this.decoder.write(bytes)).split('\n');
    this.unfinished = lines.pop()!;
    const events: string[] = [];
    for (const line of lines) this.read(line.endsWith('\r') ? line.slice(0, -1) : line, events);
    return events;
  }

  private read(line: string, events: string[]): void {
    const text = this.isFirst && line.startsWith('\uFEFF') ? line.slice(1) : line;
    this.isFirst = false;
    if (text === '') {
      if (this.data !== null) events.push(this.data);
      this.data = null;
      return;
    }
    if (!text.startsWith('data:')) return;
    const value = text.slice(text.startsWith('data: ') ? 6 : 5);
    this.data = this.data === null ? value : `${this.data}\n${value}`;
  }
}
