import type { Database } from '#platform/db';

import { llmMigrations } from '../../subgraphs/llm';
import { describeOnBothDatabases } from '../kit/both-databases';
import { startFakeModel, text, type FakeModel } from '../kit/fake-model';
import { until } from '../kit/until';
import { ask, daysFromNow, llmWorld, provider, question, totalOf, type Asked, type LlmWorld } from './world';

describeOnBothDatabases('the llm domain', ({ open }) => {
  let db: Database & AsyncDisposable;
  let fake: FakeModel;
  /** Two instances on one database, each with its own limits and memory, as two processes are. */
  let instances: readonly LlmWorld[];

  beforeAll(async () => {
    fake = await startFakeModel();
    fake.fallback = text('fine', { prompt: 10, completion: 10 });
    db = await open({ folders: [llmMigrations] });
    // One day for both, also where midnight passes meanwhile.
    const today = new Date();
    const options = { db, configFreshMs: 50, now: () => today };
    instances = [await llmWorld(options), await llmWorld(options)];
  });
  afterAll(async () => {
    for (const world of instances ?? []) await world[Symbol.asyncDispose]();
    await db?.[Symbol.asyncDispose]();
    await fake?.close();
  });

  it('keeps a budget exactly, whatever two instances ask at once', async () => {
    const [one, other] = instances as [LlmWorld, LlmWorld];
    const tenant = one.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url, maxTokens: 10 })], dailyTokenLimit: 600, cache: { mode: 'OFF' } });
    const models = await Promise.all([one, other].map(({ llm }) => llm.router.languageModel(tenant.admin)));
    const calls = Array.from({ length: 80 }, (_, index) =>
      Promise.resolve(models[index % 2]!.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: `q ${index}` }] }] })),
    );
    const settled = await Promise.allSettled(calls);
    const answered = settled.filter(({ status }) => status === 'fulfilled').length;
    for (const each of settled) if (each.status === 'rejected') expect(each.reason).toHaveCode('BUDGET_EXCEEDED');
    expect(answered).toBeGreaterThan(0);
    expect(answered * 20).toBeLessThanOrEqual(600);
    // A reader waits for the books of its own instance only.
    await other.tenant().run('{ llmUsage { requests } }');
    const query = '{ llmUsage { budgets { spent reserved } } }';
    await other.run(query, {}, tenant.admin);
    expect(await one.run(query, {}, tenant.admin)).toEqual({ llmUsage: { budgets: [{ spent: answered * 20, reserved: 0 }] } });
  });

  it('caches, invalidates, records and reports alike', async () => {
    const days = daysFromNow();
    const [one] = instances as [LlmWorld];
    const tenant = one.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url })] });
    const { routeLlm } = await tenant.run<Asked>(ask, question('about orders', { cacheTags: ['orders'], usageId: 'msg-1' }));
    await tenant.run('{ llmCacheAnalytics { entries } }');
    expect((await tenant.run<Asked>(ask, question('about orders'))).routeLlm.cacheHit).toBe(true);
    expect(await tenant.run('mutation { invalidateLlmCache(input: { tables: ["orders"] }) { removed } }')).toEqual({
      invalidateLlmCache: { removed: 1 },
    });
    const data = await tenant.run<{ llmUsage: { daily: { requests: number }[] } }>(
      `query ($id: ID!) {
        llmUsage { requests cached promptTokens daily { requests } byModel { requests } }
        llmPerformance { providers { attempts errorRate latencyP50Ms } }
        llmCacheAnalytics { exactHits misses entries }
        routingDecisions { nodes { status } }
        replayRoutingDecision(id: $id) { isSame }
        _entities(representations: [{ __typename: "LlmUsage", id: "msg-1" }]) { ... on LlmUsage { requests totalTokens models } }
      }`,
      { id: routeLlm.routingDecisionId },
    );
    expect(data).toMatchObject({
      llmUsage: { requests: 2, cached: 1, promptTokens: 10, byModel: [{ requests: 2 }] },
      llmPerformance: { providers: [{ attempts: 1, errorRate: 0, latencyP50Ms: expect.any(Number) as number }] },
      llmCacheAnalytics: { exactHits: 1, misses: 1, entries: 0 },
      routingDecisions: { nodes: [{ status: 'CACHED' }, { status: 'ANSWERED' }] },
      replayRoutingDecision: { isSame: true },
      _entities: [{ requests: 1, totalTokens: 20, models: ['fake-model'] }],
    });
    expect(data.llmUsage.daily.length).toBeLessThanOrEqual(days());
    expect(totalOf(data.llmUsage.daily, 'requests')).toBe(2);
  });

  it('carries a changed configuration to the other instance within its freshness', async () => {
    const [one, other] = instances as [LlmWorld, LlmWorld];
    const tenant = one.tenant();
    const modelOf = async (): Promise<string> =>
      (await other.run<Asked>(ask, question('which?', { useCache: false }), tenant.admin)).routeLlm.model;
    await tenant.configure({ providers: [provider({ url: fake.url, models: ['old'] })] });
    expect(await modelOf()).toBe('old');
    await tenant.configure({ providers: [provider({ url: fake.url, models: ['new'] })] });
    await until(async () => (await modelOf()) === 'new');
  });

  it('remembers over a restart which model was fast', async () => {
    const [one] = instances as [LlmWorld];
    const tenant = one.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url })], cache: { mode: 'OFF' } });
    await tenant
      .client()
      .chat.completions.create({ model: 'auto', messages: [{ role: 'user', content: 'x' }], stream: true })
      .then(async (stream) => {
        for await (const _chunk of stream);
      });
    await tenant.run('{ llmUsage { requests } }');
    await using restarted = await llmWorld({ db });
    const measured = async (): Promise<number | null> => {
      const { llmHealth } = await restarted.run<{ llmHealth: { providers: { firstTokenMs: number | null }[] } }>(
        '{ llmHealth { providers { firstTokenMs } } }',
        {},
        tenant.admin,
      );
      return llmHealth.providers[0]!.firstTokenMs;
    };
    expect(await until(measured)).toBeGreaterThan(0);
  });
});
