import type { Database } from '#platform/db';

import { llmMigrations } from '../../subgraphs/llm';
import { startChild } from '../kit/child';
import { describeWith } from '../kit/external';
import { startFakeModel, text, type FakeModel } from '../kit/fake-model';
import { postgresDatabase, postgresProgram, startPostgres, type TestPostgres } from '../kit/postgres';
import { redisProgram, startRedis, type TestRedis } from '../kit/redis';
import { llmWorld, provider, type LlmTenant, type LlmWorld } from './world';

const programs = 'missing' in postgresProgram() ? postgresProgram() : redisProgram();

describeWith(programs, 'two processes of the router on one PostgreSQL and one Redis', () => {
  let server: TestPostgres;
  let redis: TestRedis;
  let db: Database & AsyncDisposable;
  let fake: FakeModel;
  let world: LlmWorld;
  let url: string;

  beforeAll(async () => {
    [server, redis, fake] = await Promise.all([startPostgres(), startRedis(), startFakeModel()]);
    const name = await server.createDatabase();
    url = server.url(name, 'app_login');
    db = await postgresDatabase(server, { url, migrationUrl: server.url(name, 'owner_login'), folders: [llmMigrations] });
    world = await llmWorld({ db });
    fake.fallback = text('fine', { prompt: 10, completion: 10 });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await db?.[Symbol.asyncDispose]();
    await Promise.all([server?.stop(), redis?.stop(), fake?.close()]);
  });

  /** How the calls of both processes ended, together. */
  const askFromBoth = async ({ admin }: LlmTenant, calls: number): Promise<Record<string, number>> => {
    const task = JSON.stringify({ url, redisUrl: redis.url, tenantId: admin.tenantId, calls, at: Date.now() + 4_000 });
    const children = [startChild('test/kit/llm-child', [task]), startChild('test/kit/llm-child', [task])];
    const total: Record<string, number> = {};
    for (const child of children) {
      const outcomes = JSON.parse((await child.line('outcomes ')).slice('outcomes '.length)) as Record<string, number>;
      for (const [name, count] of Object.entries(outcomes)) total[name] = (total[name] ?? 0) + count;
      expect(await child.ended).toBe(0);
    }
    return total;
  };

  it('never pass a budget together, refuse the rest by name, and leave books that agree with the provider’s', async () => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url, maxTokens: 10 })], dailyTokenLimit: 600, cache: { mode: 'OFF' } });
    const before = fake.requests.length;
    const { answered = 0, BUDGET_EXCEEDED: refused = 0, ...others } = await askFromBoth(tenant, 60);
    expect(others).toEqual({});
    expect(answered + refused).toBe(120);
    expect(answered).toBe(fake.requests.length - before);
    expect(answered).toBeGreaterThan(0);
    expect(answered * 20).toBeLessThanOrEqual(600);
    expect(await tenant.run('{ llmUsage { requests budgets { spent reserved } } }')).toMatchObject({
      llmUsage: { budgets: [{ spent: answered * 20, reserved: 0 }] },
    });
  });

  it('share a provider’s requests a minute', async () => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url, rateLimitRpm: 25 })], cache: { mode: 'OFF' }, maxRetries: 0 });
    expect(await askFromBoth(tenant, 30)).toEqual({ answered: 25, LLM_UNAVAILABLE: 35 });
  });
});
