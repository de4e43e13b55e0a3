import { calcPrice } from '@pydantic/genai-prices';

import type { ModelOverride, ProviderKind } from '../types';

export interface Usage {
  readonly prompt: number;
  readonly completion: number;
  /** Part of `prompt` that the provider read from its own prompt cache. */
  readonly cachedPrompt?: number;
}

export interface PriceList {
  readonly inputPrice: number | null;
  readonly outputPrice: number | null;
}

interface Priced {
  readonly kind: ProviderKind;
  readonly model: string;
  readonly override?: ModelOverride | undefined;
}

const providerIds: Partial<Record<ProviderKind, string>> = {
  openai: 'openai',
  azure: 'azure',
  anthropic: 'anthropic',
  google: 'google',
  bedrock: 'aws',
};

/** Ours to run, so it costs nothing per token unless a tenant says otherwise. */
const free: ReadonlySet<ProviderKind> = new Set(['builtin', 'local']);

const own = (override: ModelOverride | undefined): { input: number; output: number } | null =>
  override?.inputUsdPerMillion === undefined && override?.outputUsdPerMillion === undefined
    ? null
    : { input: override.inputUsdPerMillion ?? 0, output: override.outputUsdPerMillion ?? 0 };

const published = (kind: ProviderKind, model: string, usage: Usage): { input: number; output: number } | null => {
  const providerId = providerIds[kind];
  if (!providerId) return null;
  const tokens = {
    input_tokens: usage.prompt,
    output_tokens: usage.completion,
    ...(usage.cachedPrompt ? { cache_read_tokens: usage.cachedPrompt } : {}),
  };
  try {
    const price = calcPrice(tokens, model, { providerId });
    return price ? { input: price.input_price, output: price.output_price } : null;
  } catch {
    return null;
  }
};

/** What a call costs in USD, tiers and cached tokens included; null where no price is known. */
export function priceOf({ kind, model, override }: Priced, usage: Usage): number | null {
  const rates = own(override);
  if (rates) return (usage.prompt * rates.input + usage.completion * rates.output) / 1_000_000;
  if (free.has(kind)) return 0;
  const price = published(kind, model, usage);
  return price ? price.input + price.output : null;
}

const lists = new Map<string, PriceList>();

/** USD per million tokens at ordinary length, for comparing models. */
export function priceList({ kind, model, override }: Priced): PriceList {
  const rates = own(override);
  if (rates) return { inputPrice: rates.input, outputPrice: rates.output };
  if (free.has(kind)) return { inputPrice: 0, outputPrice: 0 };
  const key = `${kind}/${model}`;
  const known = lists.get(key);
  if (known) return known;
  const price = published(kind, model, { prompt: 1_000, completion: 1_000 });
  const list = price ? { inputPrice: price.input * 1_000, outputPrice: price.output * 1_000 } : { inputPrice: null, outputPrice: null };
  // Model names come from tenants, so the memory of them is bounded.
  if (lists.size > 1_000) lists.clear();
  lists.set(key, list);
  return list;
}
