import * as fc from 'fast-check';
import { parse, validate, type ExecutionResult } from 'graphql';

import { createApolloEngine, createEngine, localSubgraph, type GraphEngine, type Subgraph } from '../../../gateway/engine';
import { composeFixtures, keptLog, schemaOf, testContext, type SubgraphFixture } from '../kit/compose';
import { randomDocument } from '../kit/random-document';

import { worlds } from './worlds';

const essence = ({ data, errors, extensions }: ExecutionResult) => ({
  data: JSON.parse(JSON.stringify(data ?? null)),
  isComplete: !errors?.length && !extensions?.valueCompletion,
});

// Worlds whose answers depend on nothing but the operation.
const pure = worlds.filter(({ name }) => !name.startsWith('mutations') && !name.startsWith('@requires with arguments'));

describe.each(pure)('$name', ({ fixtures }) => {
  it('random operations have the answer of the stock gateway, whichever planner made the plan', async () => {
    const supergraphSdl = composeFixtures(fixtures);
    const subgraphs = (): Subgraph[] => fixtures.map((fixture: SubgraphFixture) => localSubgraph(fixture.name, schemaOf(fixture)));
    const log = keptLog();
    const stock = await createApolloEngine({ supergraphSdl, subgraphs: subgraphs(), log });
    const engines: readonly [string, GraphEngine][] = [
      ['apollo', createEngine({ supergraphSdl, subgraphs: subgraphs(), log })],
      ['hive', createEngine({ supergraphSdl, subgraphs: subgraphs(), log, planner: 'hive' })],
    ];
    const variables = { v: 'u1', c: false };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
        const source = randomDocument(stock.schema, seed);
        fc.pre(isValid(stock, source));
        let expected = essence(await stock.execute({ source, variables, context: testContext() }));
        // What the stock gateway can't plan, or skips together with a condition of the client: there the engines are each other's measure.
        if (expected.data === null || /@(skip|include)/.test(source))
          expected = essence(await engines[0]![1].execute({ source, variables, context: testContext() }));
        for (const [name, engine] of engines) {
          const answer = essence(await engine.execute({ source, variables, context: testContext() }));
          expect({ name, source, ...answer }).toEqual({ name, source, ...expected });
        }
      }),
      { numRuns: 25 * Number(process.env.FUZZ_RUNS ?? 1), maxSkipsPerRun: 1_000 },
    );
  });
});

function isValid({ schema }: GraphEngine, source: string): boolean {
  try {
    return validate(schema, parse(source)).length === 0;
  } catch {
    return false;
  }
}
