import { streamText, type ModelMessage } from 'ai';

import type { Embedder } from '../../subgraphs/llm';
import { startFakeModel, text, toolCall, type FakeModel } from '../kit/fake-model';
import { ask, llmWorld, provider, question, type Asked, type LlmTenant, type LlmWorld } from './world';

const analytics = '{ llmCacheAnalytics { entries requests hits exactHits semanticHits misses hitRate savedUsd savedTokens savedMs } }';
const invalidate = 'mutation ($input: InvalidateLlmCacheInput!) { invalidateLlmCache(input: $input) { removed } }';
interface Analytics {
  readonly llmCacheAnalytics: {
    readonly entries: number;
    readonly requests: number;
    readonly exactHits: number;
    readonly semanticHits: number;
    readonly misses: number;
    readonly hitRate: number;
    readonly savedUsd: number;
    readonly savedTokens: number;
  };
}

/** Counts letters: wordings with the same letters are near, which is all that the cache needs to know here. */
const embedder: Embedder = {
  model: 'letters',
  dimensions: 26,
  embed: (texts) =>
    Promise.resolve(texts.map((each) => [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => each.toLowerCase().split(letter).length - 1))),
};

let world: LlmWorld;
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
  fake.fallback = ({ body }) =>
    text(`answer to ${JSON.stringify((body.messages as { content: string }[]).at(-1)?.content)}`, { prompt: 10, completion: 5 });
  world = await llmWorld({ embedder });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await fake.close();
});

async function tenantWith(
  config: Record<string, unknown> = {},
): Promise<LlmTenant & { calls(): number; settled(): Promise<Analytics['llmCacheAnalytics']> }> {
  const tenant = world.tenant();
  await tenant.configure({
    providers: [provider({ url: fake.url, overrides: [{ model: 'fake-model', inputUsdPerMillion: 100, outputUsdPerMillion: 200 }] })],
    ...config,
  });
  const before = fake.requests.length;
  return {
    ...tenant,
    calls: () => fake.requests.length - before,
    settled: async () => (await tenant.run<Analytics>(analytics)).llmCacheAnalytics,
  };
}

it('answers the same request again without a call, free and marked, and reports what that saved', async () => {
  const tenant = await tenantWith();
  const first = await tenant.run<Asked>(ask, question('total revenue'));
  await tenant.settled();
  const second = await tenant.run<Asked>(ask, question('total revenue'));
  expect(first.routeLlm).toMatchObject({ cacheHit: false, costEstimateUsd: 0.002 });
  expect(second.routeLlm).toMatchObject({ cacheHit: true, costEstimateUsd: 0, content: first.routeLlm.content, tokensUsed: { total: 15 } });
  expect(tenant.calls()).toBe(1);
  expect(await tenant.settled()).toMatchObject({
    entries: 1,
    requests: 2,
    exactHits: 1,
    misses: 1,
    hitRate: 0.5,
    savedUsd: expect.closeTo(0.002, 9) as number,
    savedTokens: 15,
  });
});

it.each<[string, Record<string, unknown>]>([
  ['another temperature', { temperature: 0.3 }],
  ['another length', { maxTokens: 77 }],
  ['tools', { tools: [{ type: 'function', function: { name: 't', parameters: { type: 'object' } } }] }],
  ['a bypass', { useCache: false }],
  ['a high temperature', { temperature: 1.2 }],
])('does not answer from the cache with %s', async (_name, more) => {
  const tenant = await tenantWith();
  await tenant.run(ask, question('total revenue'));
  await tenant.settled();
  expect((await tenant.run<Asked>(ask, question('total revenue', more))).routeLlm.cacheHit).toBe(false);
  expect(tenant.calls()).toBe(2);
});

it('never answers one tenant from another’s cache', async () => {
  const [one, other] = [await tenantWith(), await tenantWith()];
  await one.run(ask, question('total revenue'));
  await one.settled();
  expect((await other.run<Asked>(ask, question('total revenue'))).routeLlm.cacheHit).toBe(false);
});

it('takes another wording for the same question above the threshold, with equal context only', async () => {
  const tenant = await tenantWith({ cache: { mode: 'SEMANTIC', threshold: 0.97 } });
  await tenant.run(ask, question('show total revenue by region'));
  await tenant.settled();
  expect((await tenant.run<Asked>(ask, question('by region show total revenue'))).routeLlm.cacheHit).toBe(true);
  expect((await tenant.run<Asked>(ask, question('how is the weather'))).routeLlm.cacheHit).toBe(false);
  const withContext = {
    input: {
      messages: [
        { role: 'system', content: 'Answer in French.' },
        { role: 'user', content: 'by region show total revenue' },
      ],
    },
  };
  expect((await tenant.run<Asked>(ask, withContext)).routeLlm.cacheHit).toBe(false);
  expect(await tenant.settled()).toMatchObject({ semanticHits: 1 });
});

it('never takes another year for the same question', async () => {
  const tenant = await tenantWith({ cache: { mode: 'SEMANTIC', threshold: 0.6 } });
  await tenant.run(ask, question('total revenue in 2023'));
  await tenant.settled();
  expect((await tenant.run<Asked>(ask, question('total revenue in 2024'))).routeLlm.cacheHit).toBe(false);
});

it('drops answers by table, by label, by model, or all, and never serves them again', async () => {
  const tenant = await tenantWith();
  const remember = async (): Promise<void> => {
    await tenant.run(ask, question('about orders', { cacheTags: ['orders', 'q1'] }));
    await tenant.run(ask, question('about customers', { cacheTags: ['customers'] }));
    await tenant.settled();
  };
  const drop = (input: object): Promise<{ invalidateLlmCache: { removed: number } }> => tenant.run(invalidate, { input });
  await remember();
  expect(await drop({ tables: ['orders'] })).toEqual({ invalidateLlmCache: { removed: 1 } });
  expect((await tenant.run<Asked>(ask, question('about orders'))).routeLlm.cacheHit).toBe(false);
  expect((await tenant.run<Asked>(ask, question('about customers'))).routeLlm.cacheHit).toBe(true);
  await remember();
  expect(await drop({ tags: ['nothing'] })).toEqual({ invalidateLlmCache: { removed: 0 } });
  expect(await drop({ model: 'other-model' })).toEqual({ invalidateLlmCache: { removed: 0 } });
  expect(await drop({ model: 'fake-model' })).toEqual({ invalidateLlmCache: { removed: 2 } });
});

it('does not serve what another process has just dropped', async () => {
  const tenant = await tenantWith();
  await tenant.run(ask, question('about orders'));
  await tenant.settled();
  await world.db.withTables<{ llm_cache: object }>().inTenant(tenant.admin.tenantId, (tx) => tx.deleteFrom('llm_cache').execute());
  expect((await tenant.run<Asked>(ask, question('about orders'))).routeLlm.cacheHit).toBe(false);
});

it('ends with its time to live', async () => {
  const tenant = await tenantWith();
  await tenant.run(ask, question('about orders'));
  await tenant.settled();
  await world.db.withTables<{ llm_cache: { expires_at: Date } }>().inTenant(tenant.admin.tenantId, (tx) =>
    tx
      .updateTable('llm_cache')
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .execute(),
  );
  expect((await tenant.run<Asked>(ask, question('about orders'))).routeLlm.cacheHit).toBe(false);
});

it('gives a cached answer as a stream, tool calls too', async () => {
  const tenant = await tenantWith();
  const model = (await world.llm.router.languageModel(tenant.admin))!;
  const messages: ModelMessage[] = [{ role: 'user', content: 'stream it' }];
  const first = await streamText({ model, messages }).text;
  await tenant.settled();
  const again = streamText({ model, messages });
  expect(await again.text).toBe(first);
  expect((await again.providerMetadata)?.parley).toMatchObject({ cacheHit: true });
  expect(tenant.calls()).toBe(1);

  fake.script(toolCall('lookup', { id: 7 }));
  const tools = [{ type: 'function' as const, function: { name: 'lookup', parameters: { type: 'object' } } }];
  const client = tenant.client();
  const request = { model: 'auto', messages: [{ role: 'user' as const, content: 'look it up' }], tools };
  await client.chat.completions.create(request);
  await tenant.settled();
  const streamed = await client.chat.completions.stream(request).finalMessage();
  expect(streamed.tool_calls?.[0]).toMatchObject({ function: { name: 'lookup', arguments: '{"id":7}' } });
  expect(tenant.calls()).toBe(2);
});

it('embeds by the built-in embedder where no provider is named, and never passes it off as another', async () => {
  const client = world.tenant().client();
  const { data, model } = await client.embeddings.create({ model: 'auto', input: 'abba' });
  expect([model, data[0]?.embedding.slice(0, 3)]).toEqual(['letters', [2, 2, 0]]);
  expect((await client.models.list()).data.map(({ id }) => id)).toContain('builtin/letters');
  await expect(client.embeddings.create({ model: 'text-embedding-3-small', input: 'abba' })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});
