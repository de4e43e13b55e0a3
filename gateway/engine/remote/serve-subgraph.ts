import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import { execute, GraphQLError, parse, validate, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';

import type { Caller } from '#platform/auth';
import { catalogue, errors, type ErrorCode } from '#platform/errors';
import { isReplayed } from '#platform/events';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { mapEvents } from '../execution/event-stream';
import { maskError } from '../masking/mask-error';
import { BoundedCache } from '../operation/operation-cache';
import { subscribeEvents } from '../subgraphs/event-results';
import type { EngineLog } from '../types';

export interface ServeSubgraphOptions {
  /** Accepts only what the gateway has signed; throws UNAUTHORIZED otherwise. Gets the request's headers, or a subscription's. */
  verifyContext(headers: Readonly<Record<string, string | string[] | undefined>>): { readonly caller: Caller; readonly requestId: string };
  readonly log: EngineLog;
  /** @default 16_777_216 */
  readonly maxBodyBytes?: number;
}

export interface ServedSubgraph {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends the sockets as going away. */
  close(): Promise<void>;
}

interface Operation {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
}

type Stream = AsyncIterableIterator<ExecutionResult>;
const isStream = (value: object): value is Stream => Symbol.asyncIterator in value;

/** One domain's graph for the gateway in another process: HTTP and graphql-ws. `_entities` opens every row, so only signed requests pass. */
export function serveSubgraph(schema: GraphQLSchema, options: ServeSubgraphOptions): ServedSubgraph {
  const { log, maxBodyBytes = 16_777_216 } = options;
  const documents = new BoundedCache<DocumentNode>({ maxEntries: 5_000 });

  const documentOf = (query: string): DocumentNode => {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query, { maxTokens: 50_000, noLocation: true });
    const [problem] = validate(schema, document, undefined, { maxErrors: 1 });
    if (problem) throw problem;
    documents.set(query, document, query.length * 10);
    return document;
  };
  const argsOf = ({ query, operationName, variables }: Operation, context: RequestContext) => ({
    schema,
    document: documentOf(query),
    operationName,
    variableValues: variables,
    contextValue: context,
  });
  const masked = ({ errors: failures, data }: ExecutionResult, requestId: string): ExecutionResult =>
    failures ? { errors: failures.map((thrown) => maskError({ thrown, requestId, path: thrown.path }, log)), data } : { data };

  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxBodyBytes, handleProtocols, perMessageDeflate: false });
  const protocol = makeServer<Record<string, unknown>, object>({
    async onSubscribe(_, __, payload) {
      try {
        const signed = options.verifyContext((payload.extensions?.context ?? {}) as Record<string, string>);
        // Ends with its reader: a source that is a generator would else wait for its next event before it lets go.
        const left = new AbortController();
        const context = createRequestContext({ ...signed, signal: left.signal });
        const result = await subscribeEvents(argsOf(payload, context));
        if (!isStream(result)) return masked(result, signed.requestId).errors ?? [];
        const events = mapEvents(result, {
          map: async (event) => ({ ...masked(event, signed.requestId), ...(isReplayed(event) ? { extensions: { replayed: true } } : {}) }),
          lost: (thrown) => ({ errors: [maskError({ thrown, requestId: signed.requestId }, log)] }),
        });
        const stream: Stream = {
          ...events,
          return: () => {
            left.abort();
            return events.return!();
          },
        };
        return { schema, document: streaming, rootValue: undefined, contextValue: stream };
      } catch (thrown) {
        return [maskError({ thrown, requestId: 'unknown' }, log)];
      }
    },
    subscribe: ({ contextValue }) => contextValue as Stream,
  });

  return {
    async handle(request, response) {
      try {
        if (request.method !== 'POST') throw errors.METHOD_NOT_ALLOWED({ method: request.method, allow: 'POST' });
        const { caller, requestId } = options.verifyContext(request.headers);
        const gone = new AbortController();
        response.once('close', () => response.writableFinished || gone.abort());
        const { traceparent } = request.headers;
        const operation = await readOperation(request, maxBodyBytes);
        const context = createRequestContext({
          caller,
          requestId,
          signal: gone.signal,
          ...(typeof traceparent === 'string' ? { traceparent } : {}),
        });
        send(response, 200, masked(await execute(argsOf(operation, context)), requestId));
      } catch (thrown) {
        const failure = maskError(
          {
            thrown: thrown instanceof GraphQLError ? errors.INVALID_REQUEST({ what: 'operation', hint: thrown.message }) : thrown,
            requestId: 'unknown',
          },
          log,
        );
        send(response, catalogue[failure.extensions.code as ErrorCode].status, { errors: [failure] });
      }
    },
    handleUpgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (opened) => {
        const closed = protocol.opened(transportOf(opened), {});
        opened.on('error', () => undefined);
        opened.once('close', (code, reason) => void closed(code, String(reason)));
      });
    },
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'Going away');
      sockets.close();
    },
  };
}

// graphql-ws asks for a document to tell streams from single results.
const streaming = parse('subscription { stream }');

const transportOf = (socket: WebSocket) => ({
  protocol: socket.protocol,
  send: (data: string) =>
    new Promise<void>((resolve) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data, () => resolve());
      else resolve();
    }),
  close: (code?: number, reason?: string) => socket.close(code, reason),
  onMessage: (handle: (data: string) => Promise<void>) => {
    socket.on('message', (data: Buffer) => handle(String(data)).catch(() => socket.close(4400, 'Invalid message received')));
  },
});

async function readOperation(request: IncomingMessage, maxBytes: number): Promise<Operation> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes });
    chunks.push(chunk);
  }
  let operation: unknown;
  try {
    operation = JSON.parse(Buffer.concat(chunks, size).toString('utf8'));
  } catch {
    throw errors.INVALID_REQUEST({ what: 'body', hint: 'send JSON' });
  }
  if (typeof (operation as Operation | null)?.query !== 'string')
    throw errors.INVALID_REQUEST({ what: 'query', hint: 'send a GraphQL operation' });
  return operation as Operation;
}

function send(response: ServerResponse, status: number, result: ExecutionResult): void {
  const body = JSON.stringify(result);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Puts a subgraph on a server of its own. */
export function attachSubgraph(server: Server, subgraph: ServedSubgraph): void {
  server.on('request', (request, response) => void subgraph.handle(request, response));
  server.on('upgrade', (request, socket, head) => subgraph.handleUpgrade(request, socket, head));
}
