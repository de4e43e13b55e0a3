import type { IncomingMessage, ServerResponse } from 'node:http';

import { ApolloServer, type BaseContext } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';

import type { Caller } from '#platform/auth';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { apolloServerParts, type GraphEngine } from './engine';
import { requestIdOf } from './graphql-http';

export interface ApolloFrontDeps {
  readonly engine: GraphEngine;
  identify(request: IncomingMessage): Promise<Caller>;
  readonly maxBodyBytes: number;
  readonly introspection: boolean;
  /** @default '/graphql' */
  readonly path?: string;
}

/**
 * GraphQL over HTTP by Apollo Server, with the engine as its gateway: for deployments that bring Apollo Server plugins. The thin front
 * (`graphql-http.ts`) is the default: it passes every audit of graphql-http and costs less than half per request. Errors arrive masked
 * by the engine; Apollo's own (syntax, validation) say nothing of the inside, and stack traces are off. A plugin that needs
 * `executionDidStart` for answers without errors wants `asApolloGateway` without the plugin beside it.
 */
export async function attachApolloServer(
  app: Express,
  { engine, identify, maxBodyBytes, introspection, path = '/graphql' }: ApolloFrontDeps,
): Promise<() => Promise<void>> {
  const { gateway, plugin } = apolloServerParts(engine);
  const server = new ApolloServer<BaseContext>({
    gateway,
    plugins: [plugin],
    introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
  });
  await server.start();
  const context = async ({ req, res }: { req: IncomingMessage; res: ServerResponse }): Promise<RequestContext> => {
    const gone = new AbortController();
    // Of the answer, not of the request: that one closes as soon as its body has been read.
    res.once('close', () => res.writableFinished || gone.abort());
    return createRequestContext({ caller: await identify(req), requestId: requestIdOf(req), signal: gone.signal });
  };
  app.use(path, express.json({ limit: maxBodyBytes }), expressMiddleware(server, { context: context as never }) as never);
  return () => server.stop();
}
