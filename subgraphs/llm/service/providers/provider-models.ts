import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createAzure } from '@ai-sdk/azure';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { EmbeddingModelV3, LanguageModelV3 } from '@ai-sdk/provider';

import type { GuardedFetch, ProviderClient } from '../network/guarded-fetch';
import type { ProviderKind, ProviderSettings } from '../types';
import { wireModel } from './openai-wire/wire-model';
import type { RouterModel } from './part-reader';

export interface ProviderModels {
  chat(model: string): RouterModel;
  /** null where this kind has no embeddings. */
  embedding(model: string): EmbeddingModelV3 | null;
}

interface Connection {
  readonly settings: ProviderSettings;
  readonly apiKey: string | null;
  readonly fetch: typeof fetch;
}

/** The models of one provider, on one `fetch`. */
type Maker = (connection: Connection) => {
  chat(model: string): LanguageModelV3;
  embedding(model: string): EmbeddingModelV3 | null;
};

// The SDKs read keys from the environment where none is given; an empty one keeps a tenant from spending the operator's.
const keyOf = ({ apiKey }: Connection): string => apiKey ?? '';
const baseOf = ({ settings }: Connection): { baseURL?: string } =>
  settings.baseUrl ? { baseURL: settings.baseUrl.replace(/\/+$/, '') } : {};

const makers: Readonly<Record<Exclude<ProviderKind, 'builtin' | 'local'>, Maker>> = {
  openai: (connection) => {
    const provider = createOpenAI({ apiKey: keyOf(connection), ...baseOf(connection), fetch: connection.fetch });
    return { chat: (model) => provider.chat(model), embedding: (model) => provider.embedding(model) };
  },
  openai_compatible: (connection) => {
    const provider = createOpenAICompatible({
      name: connection.settings.name,
      baseURL: (connection.settings.baseUrl ?? '').replace(/\/+$/, ''),
      ...(connection.apiKey ? { apiKey: connection.apiKey } : {}),
      fetch: connection.fetch,
      includeUsage: true,
      supportsStructuredOutputs: true,
    });
    return { chat: (model) => provider.chatModel(model), embedding: (model) => provider.embeddingModel(model) };
  },
  anthropic: (connection) => {
    const provider = createAnthropic({ apiKey: keyOf(connection), ...baseOf(connection), fetch: connection.fetch });
    return { chat: (model) => provider.languageModel(model), embedding: () => null };
  },
  google: (connection) => {
    const provider = createGoogleGenerativeAI({ apiKey: keyOf(connection), ...baseOf(connection), fetch: connection.fetch });
    return { chat: (model) => provider.languageModel(model), embedding: (model) => provider.embeddingModel(model) };
  },
  bedrock: (connection) => {
    const provider = createAmazonBedrock({
      apiKey: keyOf(connection),
      region: connection.settings.region ?? 'us-east-1',
      ...baseOf(connection),
      fetch: connection.fetch,
    });
    return { chat: (model) => provider.languageModel(model), embedding: (model) => provider.embeddingModel(model) };
  },
  azure: (connection) => {
    const { apiVersion } = connection.settings;
    const provider = createAzure({
      apiKey: keyOf(connection),
      ...baseOf(connection),
      ...(apiVersion ? { apiVersion } : {}),
      // Versions that are a date know deployments only; "v1" and "preview" name the model in the body.
      useDeploymentBasedUrls: /^\d{4}-\d{2}-\d{2}/.test(apiVersion ?? ''),
      fetch: connection.fetch,
    });
    return { chat: (model) => provider.chat(model), embedding: (model) => provider.embeddingModel(model) };
  },
};

/** The models of one configured provider. Addresses that a tenant chose go through the guarded fetch. */
export function providerModels(
  settings: ProviderSettings,
  { apiKey, network }: { readonly apiKey: string | null; readonly network: GuardedFetch },
): ProviderModels {
  if (settings.kind === 'builtin' || settings.kind === 'local') throw new Error(`${settings.kind} has no connection`);
  const client: ProviderClient = settings.origin === 'deployment' ? network.trusted : network.public;
  const { kind } = settings;
  const make = (fetch: typeof globalThis.fetch): ReturnType<Maker> => makers[kind]({ settings, apiKey, fetch });
  const made = make(client.fetch);
  const isWire = kind === 'openai' || kind === 'openai_compatible' || kind === 'azure';
  const chats = new Map<string, RouterModel>();
  return {
    embedding: made.embedding,
    chat(model) {
      const known = chats.get(model) ?? (isWire ? wireModel((fetch) => make(fetch).chat(model), client) : made.chat(model));
      chats.set(model, known);
      return known;
    },
  };
}
