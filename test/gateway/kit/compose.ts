import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse, type GraphQLSchema } from 'graphql';

import { createRequestContext, type RequestContext } from '#platform/graphql';

import { createEngine, localSubgraph, type EngineLog, type EngineOptions, type GraphEngine } from '../../../gateway/engine';
import { caller } from '../../kit/caller';

/** A subgraph written down: federation SDL and resolvers. */
export interface SubgraphFixture {
  readonly name: string;
  readonly url?: string;
  readonly typeDefs: string;
  readonly resolvers: Readonly<Record<string, unknown>>;
}

export const header = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@external", "@requires", "@provides", "@inaccessible", "@override", "@tag",
  "@composeDirective", "@interfaceObject", "@authenticated", "@requiresScopes", "@cost", "@listSize"
])\n`;

export const schemaOf = ({ typeDefs, resolvers }: SubgraphFixture): GraphQLSchema =>
  buildSubgraphSchema([{ typeDefs: parse(header + typeDefs), resolvers: resolvers as never }]);

export function composeFixtures(fixtures: readonly SubgraphFixture[]): string {
  const result = composeServices(
    fixtures.map(({ name, url, typeDefs }) => ({ name, url: url ?? `http://${name}.invalid/`, typeDefs: parse(header + typeDefs) })),
  );
  if (result.errors) throw new Error(result.errors.map((error) => error.message).join('\n'));
  return result.supergraphSdl;
}

/** A log that keeps what it is told, so that tests can say what must and must not be in it. */
export interface KeptLog extends EngineLog {
  readonly errors: object[];
  readonly warnings: object[];
}

export function keptLog(): KeptLog {
  const errors: object[] = [];
  const warnings: object[] = [];
  return { errors, warnings, error: (facts) => void errors.push(facts), warn: (facts) => void warnings.push(facts) };
}

export const localEngine = (fixtures: readonly SubgraphFixture[], options: Partial<EngineOptions> = {}): GraphEngine =>
  createEngine({
    supergraphSdl: composeFixtures(fixtures),
    subgraphs: fixtures.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture))),
    log: keptLog(),
    ...options,
  });

export const testContext = (overrides: Partial<Parameters<typeof createRequestContext>[0]> = {}): RequestContext =>
  createRequestContext({ caller: caller(), requestId: 'req-test', ...overrides });
