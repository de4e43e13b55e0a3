import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';
import type * as Tokenizer from 'gpt-tokenizer/encoding/o200k_base';

/** Bytes of everything that the model reads as text. */
export function promptBytes({ prompt, tools }: LanguageModelV3CallOptions): number {
  let bytes = 0;
  for (const message of prompt) {
    if (message.role === 'system') bytes += Buffer.byteLength(message.content);
    else for (const part of message.content) bytes += partBytes(part);
  }
  if (tools && tools.length > 0) bytes += Buffer.byteLength(JSON.stringify(tools));
  return bytes;
}

const partBytes = (part: { readonly type: string }): number => {
  if ('text' in part && typeof part.text === 'string') return Buffer.byteLength(part.text);
  if (part.type === 'tool-call') return Buffer.byteLength(JSON.stringify((part as { input?: unknown }).input ?? ''));
  if (part.type === 'tool-result') return Buffer.byteLength(JSON.stringify((part as { output?: unknown }).output ?? ''));
  // An image costs vendors' models some hundreds to a thousand tokens, whatever its bytes.
  return part.type === 'file' ? 4_000 : 0;
};

/** For choosing a model: close for English, and cheap on a megabyte. */
export const likelyTokens = (bytes: number): number => Math.ceil(bytes / 4);

/** For holding a budget: more than any common tokenizer makes of ordinary text. */
export const mostTokens = (bytes: number, messages: number): number => Math.ceil(bytes / 2.5) + 16 * (messages + 1);

const tokenizerBytes = 100_000;

/** Counted where the provider reported nothing. Loads its table at first use (some 200 ms). */
export function countTokens(text: string): number {
  if (text.length === 0) return 0;
  if (text.length > tokenizerBytes) return likelyTokens(Buffer.byteLength(text));
  const { countTokens: count } = require('gpt-tokenizer/encoding/o200k_base') as typeof Tokenizer;
  return count(text);
}
