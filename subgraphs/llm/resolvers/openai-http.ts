import express, { Router, type NextFunction, type Request, type RequestHandler, type Response } from 'express';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { EmbeddingsService } from '../service/embeddings.service';
import type { AnswerFacts } from '../service/router/answer';
import type { RouteRequest, RouteService } from '../service/route.service';
import { strategies } from '../service/types';

import { ChunkWriter, toCompletion } from './openai-chunks';
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

/** `chat/completions`, `embeddings` and `models`, to be mounted at `/v1`, as OpenAI's clients expect them. A transport: it translates and delegates. */
export function openAiHttp({ routes, embeddings, authenticate, bodyMaxBytes = 2_097_152 }: OpenAiHttpOptions): RequestHandler {
  const router = Router();
  // The token is checked before a body is read.
  const authenticated: RequestHandler = (request, response, next) => {
    authenticate(request).then(
      (caller) => {
        response.locals.caller = caller;
        next();
      },
      (error: unknown) => sendError(response, error),
    );
  };
  const json = express.json({ limit: bodyMaxBytes, type: () => true });
  const serve =
    (handler: Handler): RequestHandler =>
    (request, response) => {
      handler(response.locals.caller as Caller, request, response).catch((error: unknown) => finishWith(response, error));
    };
  router.post(
    '/chat/completions',
    authenticated,
    json,
    serve((caller, request, response) => chat(routes, { caller, request, response })),
  );
  router.post(
    '/embeddings',
    authenticated,
    json,
    serve(async (caller, request, response) => {
      const { signal } = abortOnLeave(response);
      response.json(
        toEmbeddingList(
          await embeddings.embed(caller, request.body, signal),
          (request.body as { encoding_format?: unknown }).encoding_format,
        ),
      );
    }),
  );
  const models = async (caller: Caller): Promise<readonly { readonly id: string; readonly model: string; readonly provider: string }[]> => {
    const chat = (await routes.models(caller)).map(({ provider, model }) => ({
      id: `${provider.name}/${model}`,
      model,
      provider: provider.name,
    }));
    const embedder = embeddings.builtinModel;
    return embedder === null ? chat : [...chat, { id: embedder, model: embedder, provider: 'builtin' }];
  };
  router.get(
    '/models',
    authenticated,
    serve(async (caller, _request, response) => {
      response.json({ object: 'list', data: (await models(caller)).map(toModel) });
    }),
  );
  router.get(
    '/models/*name',
    authenticated,
    serve(async (caller, request, response) => {
      const name = [request.params.name].flat().join('/');
      const found = (await models(caller)).find(({ id, model }) => model === name || id === name);
      if (!found) throw errors.INVALID_REQUEST({ what: 'model', hint: 'no configured model has this name' }, { field: 'model' });
      response.json(toModel(found));
    }),
  );
  router.all('/*rest', (request, response) => {
    const message = `Unknown request URL: ${request.method} /v1/${[request.params.rest].flat().join('/').slice(0, 100)}.`;
    response.status(404).json({ error: { message, type: 'invalid_request_error', param: null, code: 'unknown_url' } });
  });
  // Express tells an error handler by its four parameters.
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    sendError(response, bodyError(error, bodyMaxBytes));
  });
  return router;
}

async function chat(
  routes: RouteService,
  { caller, request, response }: { readonly caller: Caller; readonly request: Request; readonly response: Response },
): Promise<void> {
  const body = request.body as Record<string, unknown>;
  const gone = abortOnLeave(response);
  const call: RouteRequest = { purpose: 'openai', body, signal: gone.signal, ...hintsOf(request) };
  if (body.stream !== true) {
    const answer = await routes.route(caller, call);
    describe(response, answer);
    // Not `response.json`: an ETag of an answer that is new each time is work for nobody.
    const text = JSON.stringify(toCompletion(answer));
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) }).end(text);
    return;
  }
  const answer = await routes.stream(caller, call);
  describe(response, answer);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
  });
  const writer = new ChunkWriter(answer, (body.stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true);
  const reader = answer.stream.getReader();
  // Read part by part at the client's pace: a slow reader slows the provider's socket, and no buffer grows.
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (value.type === 'error') {
      // In OpenAI's shape an error inside a stream is an event with `error`; without the final [DONE] no client takes the text for whole.
      response.end(`data: ${JSON.stringify(toOpenAiError(value.error).body)}\n\n`);
      return;
    }
    for (const chunk of writer.of(value)) {
      if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await drained(response, gone.signal);
    }
  }
  response.end('data: [DONE]\n\n');
}

/** Aborts when the client goes away before its answer is complete. */
function abortOnLeave(response: Response): AbortController {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new DOMException('the client went away', 'AbortError'));
  });
  return controller;
}

function drained(response: Response, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    const onAbort = (): void => {
      response.removeListener('drain', onDrain);
      reject(signal.reason as Error);
    };
    response.once('drain', onDrain);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** What OpenAI's body has no field for: strategy, cache and usage id by header. */
function hintsOf(request: Request): Pick<RouteRequest, 'strategy' | 'cache' | 'usageId' | 'tags'> {
  const wanted = request.get('x-parley-strategy');
  const strategy = strategies.find((each) => each === wanted);
  if (wanted !== undefined && !strategy)
    throw errors.INVALID_REQUEST(
      { what: 'X-Parley-Strategy', hint: `it must be one of ${strategies.join(', ')}` },
      { field: 'X-Parley-Strategy' },
    );
  const usageId = request.get('x-parley-usage-id');
  const tags = request
    .get('x-parley-cache-tags')
    ?.split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return {
    ...(strategy ? { strategy } : {}),
    ...(usageId ? { usageId: usageId.slice(0, 200) } : {}),
    ...(tags ? { tags } : {}),
    cache: /no-cache|no-store/.test(request.get('cache-control') ?? '') ? 'off' : 'auto',
  };
}

function describe(response: Response, { decisionId, cache, warnings, provider }: AnswerFacts): void {
  response.setHeader('x-parley-decision', decisionId);
  response.setHeader('x-parley-provider', provider);
  response.setHeader('x-parley-cache', cache);
  if (warnings.length > 0) response.setHeader('x-parley-warning', warnings.join('; '));
}

function finishWith(response: Response, error: unknown): void {
  if (response.destroyed) return;
  if (!response.headersSent) sendError(response, error);
  else response.end(`data: ${JSON.stringify(toOpenAiError(error).body)}\n\n`);
}

function bodyError(error: unknown, maxBytes: number): unknown {
  const type = (error as { type?: unknown }).type;
  if (type === 'entity.too.large') return errors.PAYLOAD_TOO_LARGE({ maxBytes });
  if (type === 'entity.parse.failed') return errors.INVALID_REQUEST({ what: 'body', hint: 'it must be JSON' }, { field: 'body' });
  return error;
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
