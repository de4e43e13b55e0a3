import type { ModelOverride, ProviderKind } from '../types';
import { localContextTokens } from './local-model';

export interface ModelFacts {
  readonly contextTokens: number;
  readonly tools: boolean;
  readonly json: boolean;
  readonly streaming: boolean;
  /** 0 to 100: our ranking by public comparisons of instruction following and reasoning; a tenant may override it. */
  readonly quality: number;
}

type Row = readonly [pattern: RegExp, quality: number, contextTokens: number];

// First match wins. Context windows are the vendors' published ones, the lower where variants differ.
const table: readonly Row[] = [
  [/^gpt-5.*(nano)/, 72, 400_000],
  [/^gpt-5.*(mini)/, 84, 400_000],
  [/^gpt-5/, 95, 400_000],
  [/^gpt-4\.1-nano/, 62, 1_000_000],
  [/^gpt-4\.1-mini/, 74, 1_000_000],
  [/^gpt-4\.1/, 83, 1_000_000],
  [/^gpt-4o-mini/, 68, 128_000],
  [/^gpt-4o/, 80, 128_000],
  [/^gpt-4/, 70, 8_192],
  [/^gpt-3\.5/, 45, 16_385],
  [/^o[134].*mini/, 82, 128_000],
  [/^o[134]/, 90, 128_000],
  [/claude-(opus-4|4.*opus|opus)/, 95, 200_000],
  [/claude-(sonnet-4|sonnet|4.*sonnet|3-7-sonnet)/, 91, 200_000],
  [/claude-(haiku-4|haiku)/, 80, 200_000],
  [/claude-3-5-sonnet/, 84, 200_000],
  [/claude/, 75, 200_000],
  [/gemini-(3|2\.5)-pro/, 92, 1_000_000],
  [/gemini-(3|2\.5)-flash-lite/, 70, 1_000_000],
  [/gemini-(3|2\.5)-flash/, 80, 1_000_000],
  [/gemini/, 68, 1_000_000],
  [/deepseek-(r1|reasoner)/, 84, 64_000],
  [/deepseek/, 80, 64_000],
  [/llama-?3[.\d]*.*(70b|405b)/, 70, 128_000],
  [/llama/, 50, 32_768],
  [/mistral-large/, 76, 128_000],
  [/mi[sx]tral/, 55, 32_768],
  [/qwen.*(72b|110b|235b|max)/, 76, 32_768],
  [/qwen/, 58, 32_768],
  [/nova-pro/, 70, 300_000],
];

const unknown = { quality: 50, contextTokens: 32_768 };
/** Small enough for the machine of the service; its context is ours to set. */
const local = { quality: 30, contextTokens: localContextTokens };

export function modelFacts(kind: ProviderKind, model: string, override?: ModelOverride): ModelFacts {
  if (kind === 'builtin') return { contextTokens: 100_000, tools: false, json: false, streaming: true, quality: 10 };
  const own = kind === 'local' ? local : unknown;
  const name = model.toLowerCase();
  const row = table.find(([pattern]) => pattern.test(name));
  return {
    quality: override?.quality ?? row?.[1] ?? own.quality,
    contextTokens: override?.contextTokens ?? (kind === 'local' ? undefined : row?.[2]) ?? own.contextTokens,
    tools: kind !== 'local' && (override?.tools ?? true),
    json: override?.json ?? true,
    streaming: true,
  };
}

/** Models that a provider offers where its configuration names none; kinds without an entry must name theirs. */
export const defaultModels: Partial<Readonly<Record<ProviderKind, readonly string[]>>> = {
  openai: ['gpt-4.1-mini', 'gpt-4.1'],
  anthropic: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
  google: ['gemini-2.5-flash', 'gemini-2.5-pro'],
  builtin: ['parley-builtin'],
};
