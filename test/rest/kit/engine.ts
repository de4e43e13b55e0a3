import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';

import { subgraphHeader } from '#platform/graphql';

import { createEngine, localSubgraph, type GraphEngine } from '../../../gateway/engine';
import { keptLog, type SubgraphFixture } from '../../gateway/kit/compose';

/** The real engine over subgraphs that are written down, with the header that every domain has. */
export function restEngine(fixtures: readonly SubgraphFixture[]): GraphEngine {
  const documents = fixtures.map(({ name, typeDefs, resolvers }) => ({ name, resolvers, typeDefs: parse(subgraphHeader + typeDefs) }));
  const composed = composeServices(documents.map(({ name, typeDefs }) => ({ name, url: `http://${name}.invalid/`, typeDefs })));
  if (composed.errors) throw new Error(composed.errors.map((error) => error.message).join('\n'));
  return createEngine({
    supergraphSdl: composed.supergraphSdl,
    subgraphs: documents.map(({ name, typeDefs, resolvers }) =>
      localSubgraph(name, buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }])),
    ),
    log: keptLog(),
  });
}
