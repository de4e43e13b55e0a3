import { createBudgetStore, createMemoryRateLimiter } from '#platform/limits';
import { createMetrics, silentLogger } from '#platform/telemetry';

import { createLlmSubgraph } from '../../subgraphs/llm';
import { caller } from '../kit/caller';
import { startFakeModel, status, text, type FakeModel } from '../kit/fake-model';
import { ask, llmWorld, provider, question, type Asked, type LlmWorld } from './world';

const report =
  '{ llmUsage { requests costUsd promptTokens completionTokens budgets { name unit limit spent reserved isWarning resetsAt } } }';
interface Report {
  readonly llmUsage: {
    readonly requests: number;
    readonly costUsd: number;
    readonly promptTokens: number;
    readonly completionTokens: number;
    readonly budgets: readonly { readonly name: string; readonly spent: number; readonly reserved: number; readonly isWarning: boolean }[];
  };
}

/** One day for every instance, also where midnight passes meanwhile. */
const today = new Date();

let world: LlmWorld;
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
  // 10 tokens in and 10 out at these prices: 0.01 + 0.02 = 0.03 USD a call.
  fake.fallback = text('fine', { prompt: 10, completion: 10 });
  world = await llmWorld({ now: () => today });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await fake.close();
});

const priced = { overrides: [{ model: 'fake-model', inputUsdPerMillion: 1_000, outputUsdPerMillion: 2_000 }], maxTokens: 10 };
const small = (words: string): { input: Record<string, unknown> } => question(words, { maxTokens: 10 });

it('settles what was spent, exactly, after it has held the most that it could be', async () => {
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url, ...priced })], budgetLimitUsd: 100 });
  const { routeLlm } = await tenant.run<Asked>(ask, small('one'));
  expect(routeLlm.costEstimateUsd).toBeCloseTo(0.03, 9);
  const { llmUsage } = await tenant.run<Report>(report);
  expect(llmUsage).toMatchObject({ requests: 1, promptTokens: 10, completionTokens: 10 });
  expect(llmUsage.costUsd).toBeCloseTo(0.03, 9);
  expect(llmUsage.budgets).toEqual([
    expect.objectContaining({ name: 'monthly_usd', spent: expect.closeTo(0.03, 9) as number, reserved: 0, isWarning: false }),
  ]);
});

it('lets no two processes pass a limit together, whatever they ask at once', async () => {
  // A second instance of the domain on the same database, as another process would be.
  const other = createLlmSubgraph({
    db: world.db,
    budgets: createBudgetStore({ db: world.db }),
    rates: createMemoryRateLimiter(),
    analyst: null,
    embedder: null,
    encryptionKey: 'a-test-key-that-is-long-enough-000000',
    allowPrivateHosts: true,
    logger: silentLogger,
    metrics: createMetrics(),
    now: () => today,
  });
  const tenant = world.tenant();
  // Each call holds at most 51 (prompt) + 10 tokens and spends 20: with a limit of 500 some 20 of 60 fit, never more than 25.
  await tenant.configure({ providers: [provider({ url: fake.url, maxTokens: 10 })], dailyTokenLimit: 500, cache: { mode: 'OFF' } });
  const models = await Promise.all([world.llm, other].map((llm) => llm.router.languageModel(tenant.admin)));
  const before = fake.requests.length;
  const calls = Array.from({ length: 60 }, (_, index) =>
    Promise.resolve(models[index % 2]!.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: `q ${index}` }] }] })),
  );
  const settled = await Promise.allSettled(calls);
  const answered = settled.filter((each) => each.status === 'fulfilled').length;
  const refused = settled.filter((each): each is PromiseRejectedResult => each.status === 'rejected');
  for (const { reason } of refused) expect(reason).toHaveCode('BUDGET_EXCEEDED');
  expect(fake.requests.length - before).toBe(answered);
  expect(answered).toBeGreaterThan(0);
  expect(answered * 20).toBeLessThanOrEqual(500);
  await other.close();
  const { llmUsage } = await tenant.run<Report>(report);
  expect(llmUsage.budgets[0]).toMatchObject({ spent: answered * 20, reserved: 0 });
});

it('refuses with the limit, what is spent and when it is full again; no provider is asked', async () => {
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url, ...priced })], budgetLimitUsd: 0.01 });
  const before = fake.requests.length;
  await expect(tenant.run(ask, small('one'))).rejects.toMatchObject({
    code: 'BUDGET_EXCEEDED',
    details: {
      budget: 'monthly_usd',
      limit: 0.01,
      spent: 0,
      reserved: 0,
      resetsAt: expect.stringMatching(/-01T00:00:00/),
      retryAfterSeconds: expect.any(Number) as number,
    },
  });
  const door = await fetch(`${tenant.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tenant.admin.tenantId}` },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'one' }], max_tokens: 10 }),
  });
  expect(door.status).toBe(429);
  expect(Number(door.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await door.json()).toMatchObject({ error: { type: 'insufficient_quota', code: 'insufficient_quota' } });
  expect(fake.requests.length).toBe(before);
});

it('holds nothing back for a call that failed', async () => {
  const tenant = world.tenant();
  await tenant.configure({
    providers: [provider({ url: fake.url, ...priced })],
    budgetLimitUsd: 100,
    userDailyTokenLimit: 1_000,
    maxRetries: 0,
  });
  fake.script(status(500));
  await expect(tenant.run(ask, small('one'))).rejects.toHaveCode('LLM_UNAVAILABLE');
  const { llmUsage } = await tenant.run<Report>(report);
  expect(llmUsage.budgets.map(({ spent, reserved }) => [spent, reserved])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it('limits each user alone, and releases the tenant’s share where the user’s does not fit', async () => {
  const tenant = world.tenant();
  await tenant.configure({
    providers: [provider({ url: fake.url, maxTokens: 10 })],
    dailyTokenLimit: 10_000,
    userDailyTokenLimit: 90,
    cache: { mode: 'OFF' },
  });
  const colleague = caller({ tenantId: tenant.admin.tenantId, roles: ['analyst'] });
  await tenant.run(ask, small('one'));
  await tenant.run(ask, small('two'));
  await tenant.run(report);
  await tenant.run(ask, small('three'));
  await tenant.run(report);
  await expect(tenant.run(ask, small('four'))).rejects.toMatchObject({ details: { budget: 'user_daily_tokens', spent: 60 } });
  await expect(tenant.run(ask, small('five'), colleague)).resolves.toBeDefined();
  const { llmUsage } = await tenant.run<Report>(report);
  expect(llmUsage.budgets[0]).toMatchObject({ name: 'daily_tokens', spent: 80, reserved: 0 });
});

it('warns from 80 % on: in answers, in the report, and by one event for each period', async () => {
  const system = world.db.withTables<{
    event_subscriptions: { subscriber: string; type: string };
    jobs: { tenant_id: string; queue: string; payload: unknown };
  }>();
  await system.asSystem((tx) => tx.insertInto('event_subscriptions').values({ subscriber: 'test', type: 'llm.budget.warning' }).execute());
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url, maxTokens: 10 })], dailyTokenLimit: 145, cache: { mode: 'OFF' } });
  for (const words of ['a', 'b', 'c', 'd']) {
    expect((await tenant.run<Asked>(ask, small(words))).routeLlm.warnings).toEqual([]);
    await tenant.run(report);
  }
  await tenant.run<Asked>(ask, small('e'));
  await tenant.run<Asked>(ask, small('f')).catch(() => undefined);
  const { llmUsage } = await tenant.run<Report>(report);
  expect(llmUsage.budgets[0]).toMatchObject({ isWarning: true });
  const { tenantId } = tenant.admin;
  const events = await system.inTenant(tenantId, (tx) =>
    tx.selectFrom('jobs').select('payload').where('tenant_id', '=', tenantId).where('queue', '=', 'event:test').execute(),
  );
  expect(events.map(({ payload }) => payload)).toEqual([
    expect.objectContaining({
      type: 'llm.budget.warning',
      data: expect.objectContaining({ budget: 'daily_tokens', limit: 145 }) as object,
    }),
  ]);
});
