import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Express } from 'express';
import type { ExecutionResult } from 'graphql';

import type { Caller, OpenStreams } from '#platform/auth';
import { catalogue, errors, isErrorCode } from '#platform/errors';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import type { EngineLog, GraphEngine } from './engine';
import { carryHeaders, outgoingHeaders } from './engine/carried-headers';
import { maskError } from './engine/masking/mask-error';
import { chooseAnswer, mediaTypes, type AnswerKind } from './graphql-http-media';
import { readParams } from './graphql-http-request';
import { graphiqlPage } from './plugins/graphiql';
import {
  PersistedQueryNotFound,
  persistedQueryNotFound,
  persistedQueryNotSupported,
  type PersistedOperations,
} from './plugins/persisted-operations';
import type { StreamBounds } from './subscriptions/bounded-stream';
import { sendEvents } from './subscriptions/sse';
import { sendMultipart } from './subscriptions/multipart';

export interface GraphqlHttpDeps {
  readonly engine: GraphEngine;
  readonly log: EngineLog;
  /** Who is asking; throws UNAUTHORIZED and its like, which become the answer. */
  identify(request: IncomingMessage): Promise<Caller> | Caller;
  /** @default the X-Request-ID header where it is a sane one, else a new UUID */
  requestId?(request: IncomingMessage): string;
  /** @default '/graphql' */
  readonly path?: string;
  /** @default 1_048_576 */
  readonly maxBodyBytes?: number;
  /** Time an operation may take, streams excepted. @default 60_000 */
  readonly deadlineMs?: number;
  readonly streamBounds?: StreamBounds;
  /** Knows the open streams by their caller, so that they end when the caller loses its right. */
  readonly openStreams?: OpenStreams;
  readonly persisted?: PersistedOperations;
  /** Headers of the client that subgraphs may ask for, in lower case. @default none */
  readonly forwardHeaders?: readonly string[];
  /** GraphiQL, without a network, for browsers that ask for HTML. Development only. @default false */
  readonly graphiql?: boolean;
}

const requestIdPattern = /^[\w.:-]{1,128}$/;

export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestIdPattern.test(given) ? given : `req-${randomUUID()}`;
}

/** GraphQL over HTTP: POST and GET by the specification, and streams by SSE or multipart for those who accept them. */
export function attachGraphqlHttp(app: Pick<Express, 'all'>, deps: GraphqlHttpDeps): void {
  const handle = graphqlHandler(deps);
  app.all(deps.path ?? '/graphql', (request, response) => void handle(request, response));
}

/** The same as a plain listener, for a server without Express. Settles when the answer has been sent. */
export function graphqlHandler(deps: GraphqlHttpDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const requestId = (deps.requestId ?? requestIdOf)(request);
    if (!response.hasHeader('x-request-id')) response.setHeader('x-request-id', requestId);
    let kind: AnswerKind = 'json';
    try {
      const chosen = chooseAnswer(request.headers.accept, offeredTo(request, deps));
      if (chosen) kind = chosen;
      if (request.method !== 'GET' && request.method !== 'POST')
        throw errors.METHOD_NOT_ALLOWED({ method: request.method, allow: 'GET, POST' });
      if (!chosen) throw errors.NOT_ACCEPTABLE({ types: Object.values(mediaTypes).slice(0, 4).join(', ') });
      if (kind === 'page') return sendPage(response, deps.path ?? '/graphql');
      await answer(deps, { request, response, requestId, kind });
    } catch (thrown) {
      if (thrown instanceof PersistedQueryNotFound) return sendResult(response, persistedQueryNotFound(requestId), { kind, status: 200 });
      const failure = maskError({ thrown, requestId }, deps.log);
      if (response.headersSent) return void response.destroy();
      // What is left of a refused body is not worth reading.
      if (!request.complete) response.setHeader('connection', 'close');
      if (failure.extensions.code === 'METHOD_NOT_ALLOWED') response.setHeader('allow', 'GET, POST');
      sendResult(response, { errors: [failure] }, { kind, status: statusOf({ errors: [failure] }) });
    }
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly kind: AnswerKind;
}

const offeredTo = (request: IncomingMessage, { graphiql = false }: GraphqlHttpDeps): AnswerKind[] => {
  const streams: AnswerKind[] = ['json', 'response', 'events', 'multipart'];
  const asksForPage = graphiql && request.method === 'GET' && !new URL(request.url ?? '/', 'http://localhost').searchParams.has('query');
  return asksForPage ? ['page', ...streams] : streams;
};

async function answer(deps: GraphqlHttpDeps, { request, response, requestId, kind }: Exchange): Promise<void> {
  // One controller and one timer: composed signals cost more than the rest of a small request.
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  response.once('close', () => {
    clearTimeout(timer);
    // 'close' without a finished answer is a client that left.
    if (!response.writableFinished) ended.abort();
  });
  const caller = await deps.identify(request);
  const params = await readParams(request, deps.maxBodyBytes ?? 1_048_576);
  if (!deps.persisted && params.query === undefined)
    return sendResult(response, persistedQueryNotSupported(requestId), { kind, status: 200 });
  const source = deps.persisted ? await deps.persisted.resolve(params) : (params.query ?? '');
  const isStreaming = kind === 'events' || kind === 'multipart';
  const { deadlineMs = 60_000 } = deps;
  if (!isStreaming) timer = setTimeout(() => ended.abort(errors.TIMEOUT({ seconds: deadlineMs / 1_000 })), deadlineMs);
  const traceparent = request.headers.traceparent;
  const context: RequestContext = createRequestContext({
    caller,
    requestId,
    signal: ended.signal,
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
  });
  const { forwardHeaders = [] } = deps;
  carryHeaders(
    context,
    Object.fromEntries(
      forwardHeaders.flatMap((name) => (request.headers[name] === undefined ? [] : [[name, String(request.headers[name])]])),
    ),
  );
  const graphRequest = {
    source,
    operationName: params.operationName,
    variables: params.variables,
    context,
    isReadOnly: request.method === 'GET',
  };
  if (!isStreaming) {
    const result = await deps.engine.execute(graphRequest);
    for (const [name, value] of outgoingHeaders(context)) response.setHeader(name, value);
    if (result.errors?.[0]?.extensions.code === 'METHOD_NOT_ALLOWED') response.setHeader('allow', 'POST');
    return sendResult(response, result, { kind, status: resultStatus(result, kind) });
  }
  const result = await deps.engine.subscribe(graphRequest);
  const send = kind === 'events' ? sendEvents : sendMultipart;
  const revoked = new AbortController();
  const forget = deps.openStreams?.enter(caller, () => revoked.abort());
  // The last thing that a stream says which has outlived its caller's token, or its caller's right.
  const last = (): ExecutionResult => {
    const thrown = revoked.signal.aborted
      ? errors.FORBIDDEN({ hint: 'this tenant is suspended' })
      : errors.UNAUTHORIZED({ hint: 'the token has expired; send a fresh one' });
    return { errors: [maskError({ thrown, requestId }, deps.log)] };
  };
  const expiry = caller.expiresAt === undefined ? {} : { atMs: caller.expiresAt * 1_000 };
  try {
    await send(response, result, { bounds: deps.streamBounds, end: { ...expiry, signal: revoked.signal, last } });
  } finally {
    forget?.();
  }
}

/** 200 for whatever has data; the status of the first error's code otherwise, which clients of application/json don't expect. */
function resultStatus(result: ExecutionResult, kind: AnswerKind): number {
  if (result.data !== undefined) return 200;
  const status = statusOf(result);
  return kind === 'json' && status === 400 ? 200 : status;
}

const statusOf = ({ errors: failures }: ExecutionResult): number => {
  const code = failures?.[0]?.extensions.code;
  return isErrorCode(code) ? catalogue[code].status : 400;
};

export function sendResult(
  response: ServerResponse,
  result: ExecutionResult,
  { kind, status }: { readonly kind: AnswerKind; readonly status: number },
): void {
  const body = JSON.stringify(result);
  const type = kind === 'response' ? mediaTypes.response : mediaTypes.json;
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

function sendPage(response: ServerResponse, path: string): void {
  const page = graphiqlPage(path);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(page) });
  response.end(page);
}
