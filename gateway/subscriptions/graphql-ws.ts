import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';

import { parse, type ExecutionArgs, type ExecutionResult, type GraphQLError } from 'graphql';
import { handleProtocols, makeServer, type Context, type SubscribePayload } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';

import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';

import { EngineReplaced, type EngineLog, type GraphEngine } from '../engine';
import { maskError } from '../engine/masking/mask-error';

import { PersistedQueryNotFound, persistedQueryNotFound, type PersistedOperations } from '../plugins/persisted-operations';

import { boundedStream, SlowReader, type StreamBounds } from './bounded-stream';
import { CloseCode } from './close-codes';
import { isAllowedOrigin } from './origin';
import { SocketSession } from './socket-session';
import { tokenOf } from './token';

export interface GraphqlWsDeps {
  readonly engine: GraphEngine;
  readonly log: EngineLog;
  /** Who owns this token; throws where nobody does. */
  authenticate(token: string): Promise<Caller> | Caller;
  /** Takes one of the tenant's socket places; null where none is free. Without it sockets are not counted. */
  admit?(caller: Caller): Promise<(() => Promise<void>) | null>;
  /** Sockets without a token are asked about with an empty one. Development only. @default false */
  readonly isOpen?: boolean;
  /** @default '/graphql' */
  readonly path?: string;
  /** Origins besides our own host whose pages may open sockets; `*` allows all. @default [] */
  readonly allowedOrigins?: readonly string[];
  /** @default 1_048_576 */
  readonly maxFrameBytes?: number;
  /** Time for `connection_init`. @default 3_000 */
  readonly initTimeoutMs?: number;
  /** Between pings; no answer by the next one closes the socket. @default 12_000 */
  readonly pingMs?: number;
  /** Operations at once on one socket. @default 100 */
  readonly maxOperations?: number;
  /** Sockets of this process. @default 10_000 */
  readonly maxSockets?: number;
  readonly streamBounds?: StreamBounds;
  /** The same list as over HTTP, or a socket would be the way around it. */
  readonly persisted?: PersistedOperations;
  /** Milliseconds since 1970, for token expiry. @default Date.now */
  now?(): number;
}

export interface GraphqlWs {
  readonly socketCount: number;
  /** Takes the upgrade where the path is ours; false leaves it to others. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Ends the sockets of callers that have lost a right: a suspended tenant, a removed role. They may come back with a fresh token. */
  closeWhere(isMeant: (caller: Caller) => boolean): void;
  /** Refuses new sockets and closes the open ones as going away. */
  close(): Promise<void>;
}

type Extra = { readonly session: SocketSession };
type WsContext = Context<Record<string, unknown>, Extra>;

const isStream = (value: object): value is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in value;

// graphql-ws asks for a document to tell streams from single results; the engine has compiled the real one by then.
const streaming = parse('subscription { stream }');
const single = parse('{ single }');

/** GraphQL over WebSocket (graphql-transport-ws) on the path of a running HTTP server. */
export function attachGraphqlWs(server: HttpServer, deps: GraphqlWsDeps): GraphqlWs {
  const graphqlWs = createGraphqlWs(deps);
  server.on('upgrade', (request, socket, head) => {
    if (!graphqlWs.handleUpgrade(request, socket, head) && server.listenerCount('upgrade') === 1) socket.destroy();
  });
  return graphqlWs;
}

export function createGraphqlWs(deps: GraphqlWsDeps): GraphqlWs {
  const { path = '/graphql', allowedOrigins = [], maxFrameBytes = 1_048_576, maxSockets = 10_000, pingMs = 12_000 } = deps;
  const sessions = new Set<SocketSession>();
  const protocol = makeProtocol(deps);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, handleProtocols, perMessageDeflate: false });
  let isClosing = false;

  const opened = (socket: WebSocket, request: IncomingMessage): void => {
    const session = new SocketSession(socket, request, { pingMs, now: deps.now ?? Date.now });
    sessions.add(session);
    const closed = protocol.opened(session.transport, { session });
    socket.once('close', (code: number, reason: Buffer) => {
      sessions.delete(session);
      session.dispose();
      closed(code, String(reason)).catch((err: unknown) =>
        deps.log.error({ event: 'socket.cleanup_failed', err }, 'a closed socket left something behind'),
      );
    });
    if (isClosing) session.close(CloseCode.GoingAway, 'Going away');
    else if (sessions.size > maxSockets) session.close(CloseCode.TryAgainLater, 'Too many sockets here; try again later');
  };

  return {
    get socketCount() {
      return sessions.size;
    },
    handleUpgrade(request, socket, head) {
      // Not `new URL`: it throws for addresses such as `//`, and here nothing would catch it.
      if ((request.url ?? '/').split('?', 1)[0] !== path) return false;
      if (isAllowedOrigin(request, allowedOrigins)) sockets.handleUpgrade(request, socket, head, opened);
      else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return true;
    },
    closeWhere(isMeant) {
      for (const session of sessions) if (session.caller && isMeant(session.caller)) session.close(CloseCode.Forbidden, 'Forbidden');
    },
    async close() {
      isClosing = true;
      await Promise.all([...sessions].map((session) => session.closeAndWait(CloseCode.GoingAway, 'Going away')));
      sockets.close();
    },
  };
}

function makeProtocol(deps: GraphqlWsDeps) {
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: deps.initTimeoutMs ?? 3_000,
    onConnect: ({ connectionParams, extra: { session } }) => connect(deps, session, connectionParams),
    onSubscribe: (context, id, payload) => subscribe(deps, context, { id, payload }),
    execute: ({ contextValue }: ExecutionArgs) => contextValue as ExecutionResult,
    subscribe: ({ contextValue }: ExecutionArgs) => contextValue as AsyncIterableIterator<ExecutionResult>,
    onComplete: ({ extra: { session } }, id) => session.endOperation(id),
  });
}

async function connect(
  { authenticate, admit, log, isOpen = false }: GraphqlWsDeps,
  session: SocketSession,
  params: Readonly<Record<string, unknown>> | undefined,
): Promise<boolean> {
  const token = tokenOf(session.request, params) ?? (isOpen ? '' : undefined);
  try {
    if (token === undefined) throw errors.UNAUTHORIZED({ hint: 'send it in connection_init' });
    const caller = await authenticate(token);
    const release = admit ? await admit(caller) : undefined;
    if (release !== null) return await session.adopt(caller, release);
    session.close(CloseCode.TooManySockets, 'Too many sockets');
    return false;
  } catch (thrown) {
    const failure = maskError({ thrown, requestId: session.id }, log);
    const isTheirs = failure.extensions.code === 'UNAUTHORIZED' || failure.extensions.code === 'FORBIDDEN';
    session.close(isTheirs ? CloseCode.Unauthorized : CloseCode.TryAgainLater, failure.message);
    return false;
  }
}

async function subscribe(
  deps: GraphqlWsDeps,
  { extra: { session }, subscriptions }: WsContext,
  { id, payload }: { readonly id: string; readonly payload: SubscribePayload },
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { engine, log, maxOperations = 100 } = deps;
  const requestId = `req-${randomUUID()}`;
  const refused = (thrown: unknown): readonly GraphQLError[] => [maskError({ thrown, requestId }, log)];
  if (Object.keys(subscriptions).length > maxOperations) {
    return refused(errors.INVALID_REQUEST({ what: 'subscribe', hint: `a socket carries ${maxOperations} operations at once` }));
  }
  const { caller } = session;
  if (!caller) return refused(errors.UNAUTHORIZED({ hint: 'the socket has no caller' }));
  let source: string;
  try {
    source = deps.persisted
      ? await deps.persisted.resolve({ query: payload.query, extensions: payload.extensions ?? undefined })
      : payload.query;
  } catch (thrown) {
    if (thrown instanceof PersistedQueryNotFound) return persistedQueryNotFound(requestId).errors ?? [];
    return refused(thrown);
  }
  const context = createRequestContext({ caller, requestId, signal: session.startOperation(id) });
  const result = await engine.subscribe({
    source,
    operationName: payload.operationName ?? undefined,
    variables: payload.variables ?? undefined,
    context,
  });
  const args = { schema: engine.schema, rootValue: undefined };
  if (isStream(result)) {
    const events = boundedStream(result, deps.streamBounds);
    return { ...args, document: streaming, contextValue: closingWhenSlow(events, session) };
  }
  session.endOperation(id);
  if (result.data === undefined && result.errors) return result.errors;
  return { ...args, document: single, contextValue: result };
}

/** A reader that falls behind loses its socket, with a code after which clients come back and resume. */
function closingWhenSlow(events: AsyncIterableIterator<ExecutionResult>, session: SocketSession): AsyncIterableIterator<ExecutionResult> {
  return {
    async next() {
      try {
        return await events.next();
      } catch (thrown) {
        if (thrown instanceof EngineReplaced) session.close(CloseCode.GoingAway, 'The graph has changed');
        else session.close(CloseCode.TryAgainLater, thrown instanceof SlowReader ? 'Reading too slowly' : 'The stream was lost');
        return { done: true, value: undefined };
      }
    },
    return: () => events.return!(),
    throw: (thrown) => events.throw!(thrown),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
