import type { Request, Response } from 'express';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';

import type { AnswerFacts } from '../service/router/answer';
import type { RouteRequest, RouteService } from '../service/route.service';
import { strategies } from '../service/types';

import { ChunkWriter, toCompletion } from './openai-chunks';
import { toOpenAiError } from './openai-errors';

export interface ChatExchange {
  readonly caller: Caller;
  readonly body: Readonly<Record<string, unknown>>;
  readonly request: Request;
  readonly response: Response;
}

/** One chat request, whole or streamed. Errors before the first byte of an answer are thrown; later ones are part of the stream. */
export async function chat(routes: RouteService, { caller, body, request, response }: ChatExchange): Promise<void> {
  const gone = abortOnLeave(response);
  const call: RouteRequest = { purpose: 'openai', body, signal: gone.signal, ...hintsOf(request) };
  if (body.stream !== true) {
    const answer = await routes.route(caller, call);
    // Not `response.json`: an ETag of an answer that is new each time is work for nobody.
    const text = JSON.stringify(toCompletion(answer));
    const length = Buffer.byteLength(text);
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': length, ...described(answer) })
      .end(text);
    return;
  }
  const answer = await routes.stream(caller, call);
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    connection: 'keep-alive',
    'x-accel-buffering': 'no',
    ...described(answer),
  });
  const writer = new ChunkWriter(answer, (body.stream_options as { include_usage?: unknown } | null | undefined)?.include_usage === true);
  // Read at the client's pace: a slow reader slows the provider's socket, and no buffer grows.
  for (let parts = await answer.parts.next(); parts; parts = await answer.parts.next()) {
    const failed = parts.find((part) => part.type === 'error');
    const events = parts.map((part) => writer.of(part)).join('');
    if (failed) {
      // In OpenAI's shape an error inside a stream is an event with `error`; without the final [DONE] no client takes the text for whole.
      response.end(`${events}data: ${JSON.stringify(toOpenAiError(failed.error).body)}\n\n`);
      return;
    }
    if (events !== '' && !response.write(events)) await drained(response, gone.signal);
  }
  response.end('data: [DONE]\n\n');
}

/** Aborts when the client goes away before its answer is complete. */
export function abortOnLeave(response: Response): AbortController {
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
function hintsOf({ headers }: Request): Pick<RouteRequest, 'strategy' | 'cache' | 'usageId' | 'tags'> {
  const given = (name: string): string | undefined => headers[name] as string | undefined;
  const wanted = given('x-parley-strategy');
  const strategy = strategies.find((each) => each === wanted);
  if (wanted !== undefined && !strategy)
    throw errors.INVALID_REQUEST(
      { what: 'X-Parley-Strategy', hint: `it must be one of ${strategies.join(', ')}` },
      { field: 'X-Parley-Strategy' },
    );
  const usageId = given('x-parley-usage-id');
  const tags = given('x-parley-cache-tags')
    ?.split(',')
    .map((tag) => tag.trim())
    .filter(Boolean);
  return {
    cache: /no-cache|no-store/.test(headers['cache-control'] ?? '') ? 'off' : 'auto',
    ...(strategy ? { strategy } : {}),
    ...(usageId ? { usageId: usageId.slice(0, 200) } : {}),
    ...(tags ? { tags } : {}),
  };
}

const described = ({ decisionId, cache, warnings, provider }: AnswerFacts): Record<string, string> => ({
  'x-parley-decision': decisionId,
  'x-parley-provider': provider,
  'x-parley-cache': cache,
  ...(warnings.length > 0 ? { 'x-parley-warning': warnings.join('; ') } : {}),
});
