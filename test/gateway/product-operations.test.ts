import type { ExecutionResult } from 'graphql';

import { seed } from '../kit/seed';
import { testContext } from './kit/compose';
import { product, type Product } from './kit/product';
import { productDocument, SeenValues } from './kit/product-documents';

/** Operations a root field, besides the two that ask for everything. */
const rounds = Number(process.env.FUZZ_RUNS ?? 1);

let w: Product;
beforeAll(async () => {
  w = await product();
  const { createDashboard } = await w.run('mutation { createDashboard(input: { name: "Sales" }) { id } }');
  const { sources } = await w.run('{ sources { nodes { id } } }');
  const sourceId = sources.nodes[0].id;
  await w.run(
    `mutation ($dashboardId: ID!, $sourceId: ID!) {
      text: addWidget(input: { dashboardId: $dashboardId, name: "Note", widgetType: TEXT, config: { text: "Hello" } }) { id }
      session: createSession(input: { sessionId: "sess-1", title: "Sales", sourceId: $sourceId }) { id }
      said: sendMessage(input: { sessionId: "sess-1", message: "How many orders were there last year by month?" }) { messageId }
      asked: askQuestion(input: { question: "How many orders are there?", sourceId: $sourceId }) { queryId }
      known: addKnowledge(input: { title: "Revenue", content: "Revenue is what was paid." }) { id }
      agent: createAgent(input: { name: "Analyst" }) { id }
    }`,
    { dashboardId: createDashboard.id, sourceId },
  );
});
afterAll(() => w?.[Symbol.asyncDispose]());

const essence = ({ data, errors }: ExecutionResult): unknown =>
  JSON.parse(JSON.stringify({ data, errors: errors?.map(({ message, path, extensions }) => ({ message, path, code: extensions.code })) }));

it('answers of compiled and jit-compiled domains are those of graphql-js, over the whole graph with its demo data', async () => {
  const { schema } = w.engines['graphql-js'];
  const ask = async (interpreter: keyof Product['engines'], source: string) =>
    essence(await w.engines[interpreter].execute({ source, context: testContext({ caller: w.caller }) }));
  const fields = Object.values(schema.getQueryType()!.getFields());
  const seen = new SeenValues();
  // Twice: what the lists name are the arguments of the fields that take one.
  for (const depth of [3, 3])
    for (const field of fields) {
      const source = productDocument(field, { schema, seen, seed: seed + 1, depth, isWhole: true });
      if (source) seen.learn(((await ask('graphql-js', source)) as ExecutionResult).data);
    }
  const counts = { operations: 0, unstable: 0, withErrors: 0, fields: new Set<string>() };
  for (const field of fields)
    for (let round = 0; round < rounds + 2; round += 1) {
      const isWhole = round < 2;
      const source = productDocument(field, {
        schema,
        seen,
        seed: seed + 7 * round + field.name.length,
        depth: isWhole ? 2 + round : 4,
        isWhole,
      });
      if (!source) continue;
      const first = await ask('graphql-js', source);
      const [compiled, jit] = [await ask('compiled', source), await ask('jit', source)];
      // What changes by itself (ages, times, caches) is no measure.
      if (JSON.stringify(first) !== JSON.stringify(await ask('graphql-js', source))) {
        counts.unstable += 1;
        continue;
      }
      counts.operations += 1;
      counts.fields.add(field.name);
      if ((first as ExecutionResult).errors) counts.withErrors += 1;
      expect({ source, answer: compiled }).toEqual({ source, answer: first });
      expect({ source, answer: jit }).toEqual({ source, answer: first });
    }
  // Most of the graph was asked, and most of that had an answer.
  expect(counts.fields.size).toBeGreaterThan(fields.length / 2);
  expect(counts.withErrors).toBeLessThan(counts.operations / 3);
  if (process.env.FUZZ_RUNS) process.stderr.write(`${JSON.stringify({ ...counts, fields: counts.fields.size, of: fields.length })}\n`);
}, 900_000);
