import * as fc from 'fast-check';

import { isErrorCode } from '#platform/errors';

import { localEngine, testContext } from '../../test/gateway/kit/compose';
import { dice, randomDocument } from '../../test/gateway/kit/random-document';
import { shop } from '../../test/gateway/kit/shop';

const engine = localEngine(shop().fixtures);
const document = (seed: number): string => randomDocument(engine.schema, seed, ['a', 'id', 'upc', '__typename', 'b']);

/** Cuts, doubles or changes a piece of the text. */
function mutated(text: string, seed: number): string {
  const roll = dice(seed);
  const at = roll(text.length);
  const length = roll(8);
  return (
    text.slice(0, at) +
    ['', text.slice(at, at + length).repeat(2), '{', '}', '"', '...', '\u0000', '🏃', '$x', '@skip'][roll(10)]! +
    text.slice(at + length)
  );
}

it('answers any document with data or with errors that have a code, and never throws', async () => {
  const variables = { v: 'p1', c: false };
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.boolean(), async (seed, isMutated) => {
      const source = isMutated ? mutated(document(seed), seed) : document(seed);
      const { data, errors = [] } = await engine.execute({ source, variables, context: testContext() });
      if (data === undefined) expect(errors.length).toBeGreaterThan(0);
      for (const error of errors) expect(isErrorCode(error.extensions.code)).toBe(true);
      expect(JSON.stringify({ data, errors })).not.toMatch(/ECONNREFUSED|select \*|_as\d+_|__fixed/);
    }),
    { numRuns: 400 * Number(process.env.FUZZ_RUNS ?? 1) },
  );
});
