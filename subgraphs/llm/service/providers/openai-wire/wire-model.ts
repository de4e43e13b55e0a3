import {
  APICallError,
  JSONParseError,
  type LanguageModelV3,
  type LanguageModelV3CallOptions,
  type LanguageModelV3Content,
  type LanguageModelV3GenerateResult,
} from '@ai-sdk/provider';

import type { ProviderClient } from '../../network/guarded-fetch';
import type { Reply } from '../../network/lean-fetch';
import { readParts, streamOf, type PartReader, type RouterModel } from '../part-reader';
import { finishOf, sourcesOf, textsOf, unreadable, usageFrom, type WireCompletion } from './wire';
import { WireReader } from './wire-reader';

interface WireRequest {
  readonly url: string;
  readonly init: RequestInit;
}

/**
 * A chat model of OpenAI's wire format. The SDK writes each request, since it knows every dialect; the answer is read here in one pass,
 * without the SDK's streams and schemas, which cost more than all else that a call takes. Calls with tools are the SDK's altogether:
 * servers differ in how they stream arguments.
 */
export function wireModel(make: (fetch: typeof globalThis.fetch) => LanguageModelV3, client: ProviderClient): RouterModel {
  const sdk = make(client.fetch);
  // Not a WeakMap: an entry that leads back to its own key lives on until a full collection.
  const taken = new Map<AbortSignal, (request: WireRequest) => void>();
  // Hands over what would be sent to the call that it belongs to, known by its signal. What the SDK would do with the answer never begins.
  const writer = make(((url: string, init: RequestInit) => {
    taken.get(init.signal!)?.({ url, init });
    return new Promise<never>(() => undefined);
  }) as typeof globalThis.fetch);

  async function answer(options: LanguageModelV3CallOptions, asStream: boolean): Promise<Reply> {
    // Stands for this call where the SDK hands on a signal, at which it never looks: two calls may share the caller's, and a real one
    // of its own would outlive many young collections.
    const key = {} as AbortSignal;
    const { url, init } = await new Promise<WireRequest>((resolve, reject) => {
      taken.set(key, resolve);
      // A request for a stream is the one for a whole answer and two fields; the SDK's own way to them costs as much as all of the rest.
      writer.doGenerate(Object.assign({}, options, { abortSignal: key })).then(undefined, reject);
    }).finally(() => taken.delete(key));
    const { headers, body } = init;
    const reply = await client.send(url, {
      method: 'POST',
      headers,
      body: asStream ? streamed(body as string) : (body as string),
      ...(options.abortSignal ? { signal: options.abortSignal } : {}),
    });
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw await refusal(reply);
  }

  const read = async (options: LanguageModelV3CallOptions): Promise<PartReader> => new WireReader((await answer(options, true)).body);
  const isPlain = ({ tools }: LanguageModelV3CallOptions): boolean => !tools || tools.length === 0;
  return {
    specificationVersion: sdk.specificationVersion,
    provider: sdk.provider,
    modelId: sdk.modelId,
    supportedUrls: sdk.supportedUrls,
    doRead: (options) => (isPlain(options) ? read(options) : readParts(sdk, options)),
    doStream: async (options) => (isPlain(options) ? { stream: streamOf(await read(options)) } : sdk.doStream(options)),
    doGenerate: async (options) =>
      isPlain(options) ? toResult(await (await answer(options, false)).body.text()) : sdk.doGenerate(options),
  };
}

/** The request's JSON, an object with fields, asking for events and for the usage with the last of them. */
const streamed = (body: string): string => `${body.slice(0, -1)},"stream":true,"stream_options":{"include_usage":true}}`;

function toResult(text: string): LanguageModelV3GenerateResult {
  const completion = parse(text) as WireCompletion | null;
  const choice = completion?.choices?.[0];
  if (!choice?.message) throw unreadable(completion, 'the answer holds no message');
  const { message, finish_reason: raw } = choice;
  const content: readonly LanguageModelV3Content[] = [...textsOf(message), ...sourcesOf(message)];
  const wasRefused = typeof message.refusal === 'string' && message.refusal !== '';
  return { content: [...content], finishReason: finishOf(raw, wasRefused), usage: usageFrom(completion?.usage), warnings: [] };
}

/** What the provider said against the request, as the SDK would tell it. */
async function refusal({ status, headers, body }: Reply): Promise<APICallError> {
  const responseBody = await body.text();
  let said: unknown;
  try {
    said = (JSON.parse(responseBody) as { readonly error?: { readonly message?: unknown } } | null)?.error?.message;
  } catch {
    // A proxy's page, or nothing: the status says enough.
  }
  const message = typeof said === 'string' ? said : `status ${status}`;
  return new APICallError({ message, statusCode: status, responseHeaders: headers, url: '', requestBodyValues: {} });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new JSONParseError({ text, cause });
  }
}
