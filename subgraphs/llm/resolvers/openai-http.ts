import type { Request, RequestHandler, Response } from 'express';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { EmbeddingsService } from '../service/embeddings.service';
import type { RouteService } from '../service/route.service';

import { jsonBody } from './json-body';
import { abortOnLeave, chat } from './openai-chat';
import { sendError, toOpenAiError } from './openai-errors';

export interface OpenAiHttpOptions {
  readonly routes: RouteService;
  readonly embeddings: EmbeddingsService;
  /** The caller behind a request, with its rate limit taken; throws UNAUTHORIZED and its like. */
  readonly authenticate: (request: Request) => Promise<Caller>;
  /** @default 2_097_152 */
  readonly bodyMaxBytes?: number;
}

type Handler = (caller: Caller, request: Request, response: Response) => Promise<void>;

/**
 * `chat/completions`, `embeddings` and `models`, to be mounted at `/v1`, as OpenAI's clients expect them. A transport: it translates and
 * delegates. The routes are looked up by hand: a router's layers cost more than what an answer from a provider does.
 */
export function openAiHttp(options: OpenAiHttpOptions): RequestHandler {
  const { routes, embeddings, authenticate, bodyMaxBytes = 2_097_152 } = options;
  const posts: Readonly<Record<string, Handler>> = {
    '/chat/completions': async (caller, request, response) =>
      chat(routes, { caller, body: await jsonBody(request, response, bodyMaxBytes), request, response }),
    '/embeddings': async (caller, request, response) => {
      const body = await jsonBody(request, response, bodyMaxBytes);
      const { signal } = abortOnLeave(response);
      response.json(toEmbeddingList(await embeddings.embed(caller, body, signal), body.encoding_format));
    },
  };
  const gets = modelRoutes(options);
  return (request, response) => {
    const path = request.path.replace(/\/$/, '');
    const handler =
      request.method === 'POST' ? posts[path] : request.method === 'GET' || request.method === 'HEAD' ? gets(path) : undefined;
    if (!handler) return unknown(request, response);
    // The token is checked before a body is read.
    authenticate(request)
      .then((caller) => handler(caller, request, response))
      .catch((error: unknown) => finishWith(response, error));
  };
}

function modelRoutes({ routes, embeddings }: OpenAiHttpOptions): (path: string) => Handler | undefined {
  const models = async (caller: Caller): Promise<readonly { readonly id: string; readonly model: string; readonly provider: string }[]> => {
    const chat = (await routes.models(caller)).map(({ provider, model }) => ({
      id: `${provider.name}/${model}`,
      model,
      provider: provider.name,
    }));
    const embedder = embeddings.builtinModel;
    return embedder === null ? chat : [...chat, { id: embedder, model: embedder, provider: 'builtin' }];
  };
  const all: Handler = async (caller, _request, response) => {
    response.json({ object: 'list', data: (await models(caller)).map(toModel) });
  };
  const one =
    (name: string): Handler =>
    async (caller, _request, response) => {
      const found = (await models(caller)).find(({ id, model }) => model === name || id === name);
      if (!found) throw errors.INVALID_REQUEST({ what: 'model', hint: 'no configured model has this name' }, { field: 'model' });
      response.json(toModel(found));
    };
  return (path) => {
    if (path === '/models') return all;
    const name = /^\/models\/(.+)$/.exec(path)?.[1];
    return name === undefined ? undefined : one(decodedName(name));
  };
}

const decodedName = (name: string): string => {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
};

function unknown({ method, path }: Request, response: Response): void {
  const message = `Unknown request URL: ${method} /v1${path.slice(0, 100)}.`;
  response.status(404).json({ error: { message, type: 'invalid_request_error', param: null, code: 'unknown_url' } });
}

function finishWith(response: Response, error: unknown): void {
  if (response.destroyed) return;
  if (!response.headersSent) sendError(response, error);
  else response.end(`data: ${JSON.stringify(toOpenAiError(error).body)}\n\n`);
}

const toModel = ({ id, provider }: { readonly id: string; readonly provider: string }): object => ({
  id,
  object: 'model',
  created: 0,
  owned_by: provider,
});

function toEmbeddingList({ model, vectors, tokens }: Awaited<ReturnType<EmbeddingsService['embed']>>, encoding: unknown): object {
  const encode = (vector: readonly number[]): readonly number[] | string =>
    encoding === 'base64' ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
  return {
    object: 'list',
    model,
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}
