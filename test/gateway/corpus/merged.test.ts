import * as fc from 'fast-check';
import { buildSchema, graphql, parse, printSchema, validate } from 'graphql';

import { createEngine, localSubgraph } from '../../../gateway/engine';
import { composeFixtures, keptLog, testContext } from '../kit/compose';
import { numberedSubgraph, numberingOf, resolveByNumber, type Numbering } from '../kit/numbered-world';
import { randomDocument } from '../kit/random-document';

import { worlds } from './worlds';

// Types that clients must not see have no place in the merged schema; mutations here change nothing.
const open = worlds.filter(({ fixtures }) => !fixtures.some(({ typeDefs }) => /@inaccessible/.test(typeDefs)));

/** The graph of numbered objects, and one schema that has all of it. */
function numbered(fixtures: (typeof worlds)[number]['fixtures']) {
  const schemas = fixtures.map(({ name, typeDefs }) => ({ name, schema: numberedSubgraph(typeDefs, () => numbering) }));
  const numbering: Numbering = numberingOf(schemas.map(({ schema }) => schema));
  schemas.forEach(({ schema }) => resolveByNumber(schema, numbering));
  const engines = (['apollo', 'hive'] as const).map((planner) =>
    createEngine({
      supergraphSdl: composeFixtures(fixtures),
      subgraphs: schemas.map(({ name, schema }) => localSubgraph(name, schema)),
      log: keptLog(),
      planner,
    }),
  );
  return { engines, merged: resolveByNumber(buildSchema(printSchema(engines[0]!.schema)), numbering) };
}

describe.each(open)('$name', ({ fixtures }) => {
  it('random operations have the answer that graphql-js gives of the merged schema, whichever planner made the plan', async () => {
    const { engines, merged } = numbered(fixtures);
    const variableValues = { v: 'u1', c: false };
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
        const source = randomDocument(merged, seed);
        const expected = await graphql({ schema: merged, source, variableValues });
        fc.pre(isValid(merged, source) && !expected.errors);
        for (const engine of engines) {
          const { data, errors } = await engine.execute({ source, variables: variableValues, context: testContext() });
          expect({ source, data: JSON.parse(JSON.stringify(data ?? null)), errors }).toEqual({
            source,
            data: JSON.parse(JSON.stringify(expected.data)),
            errors: undefined,
          });
        }
      }),
      { numRuns: 20 * Number(process.env.FUZZ_RUNS ?? 1), maxSkipsPerRun: 1_000 },
    );
  });
});

function isValid(schema: ReturnType<typeof buildSchema>, source: string): boolean {
  try {
    return validate(schema, parse(source)).length === 0;
  } catch {
    return false;
  }
}
