import { JSONParseError, type LanguageModelV3StreamPart } from '@ai-sdk/provider';

import type { BodyReader } from '../../network/body-reader';
import type { PartReader } from '../part-reader';
import { ServerEvents } from './server-events';
import { finishOf, sourcesOf, textsOf, unreadable, usageFrom, type WireChunk, type WireText, type WireUsage } from './wire';

/** A streamed chat completion, from bytes to parts in one pass. */
export class WireReader implements PartReader {
  private readonly events = new ServerEvents();
  private open: WireText['type'] | null = null;
  private raw: string | null = null;
  private wasRefused = false;
  private usage: WireUsage | null = null;
  private hasStarted = false;
  private hasEnded = false;

  constructor(private readonly body: BodyReader) {}

  async next(): Promise<readonly LanguageModelV3StreamPart[] | null> {
    const parts: LanguageModelV3StreamPart[] = [];
    if (!this.hasStarted) parts.push({ type: 'stream-start', warnings: [] });
    this.hasStarted = true;
    while (!this.hasEnded) {
      const bytes = await this.body.next();
      if (bytes) this.addAll(this.events.add(bytes), parts);
      else this.end(parts);
      if (parts.length > 0) return parts;
    }
    return null;
  }

  cancel(): void {
    this.body.cancel();
  }

  private addAll(events: readonly string[], parts: LanguageModelV3StreamPart[]): void {
    for (const event of events) {
      if (event === '[DONE]') continue;
      try {
        this.add(parse(event), parts);
      } catch (error) {
        // What came before it in the same packet has been said.
        parts.push({ type: 'error', error });
        return;
      }
    }
  }

  private add(chunk: WireChunk, parts: LanguageModelV3StreamPart[]): void {
    if (chunk.error !== undefined) throw chunk.error;
    this.usage = chunk.usage ?? this.usage;
    const choice = chunk.choices?.[0];
    this.raw = choice?.finish_reason ?? this.raw;
    const delta = choice?.delta;
    if (!delta) return;
    for (const text of textsOf(delta)) this.addText(text, parts);
    if (typeof delta.refusal === 'string' && delta.refusal !== '') this.wasRefused = true;
    if (delta.annotations) parts.push(...sourcesOf(delta));
  }

  private addText({ type, text }: WireText, parts: LanguageModelV3StreamPart[]): void {
    if (this.open !== type) {
      this.close(parts);
      parts.push({ type: `${type}-start`, id: type });
      this.open = type;
    }
    parts.push({ type: `${type}-delta`, id: type, delta: text });
  }

  private close(parts: LanguageModelV3StreamPart[]): void {
    if (this.open) parts.push({ type: `${this.open}-end`, id: this.open });
    this.open = null;
  }

  /** What is missing of an answer that just ends is not made up. */
  private end(parts: LanguageModelV3StreamPart[]): void {
    this.hasEnded = true;
    this.close(parts);
    if (this.raw === null) parts.push({ type: 'error', error: unreadable(null, 'the answer ended without a reason') });
    else parts.push({ type: 'finish', finishReason: finishOf(this.raw, this.wasRefused), usage: usageFrom(this.usage) });
  }
}

function parse(text: string): WireChunk {
  let chunk: unknown;
  try {
    chunk = JSON.parse(text) as unknown;
  } catch (cause) {
    throw new JSONParseError({ text, cause });
  }
  if (typeof chunk !== 'object' || chunk === null) throw unreadable(chunk, 'an event of the answer is no object');
  return chunk;
}
