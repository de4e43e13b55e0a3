import type { GraphQLSchema } from 'graphql';

import { verifySignedContext } from '#platform/auth';

import { serveSubgraph, type EngineLog, type ServedSubgraph } from '../engine';

import { contextHeader } from './graph-from-config';

/** One domain for the gateways in other processes: `attachSubgraph(server, serveDomain(…))`. Only what they have signed passes. */
export function serveDomain({
  schema,
  contextSecret,
  log,
}: {
  readonly schema: GraphQLSchema;
  readonly contextSecret: string;
  readonly log: EngineLog;
}): ServedSubgraph {
  return serveSubgraph(schema, {
    log,
    verifyContext: (headers) => {
      const token = headers[contextHeader];
      return verifySignedContext(contextSecret, typeof token === 'string' ? token : undefined);
    },
  });
}
