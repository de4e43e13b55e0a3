import { sql } from 'kysely';

import type { Database } from '#platform/db';
import { createBudgetStore, type BudgetKey } from '#platform/limits';

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
  /** The budget's day of all processes, also where midnight passes meanwhile. */
  const today = new Date();

  beforeAll(async () => {
    [server, redis, fake] = await Promise.all([startPostgres(), startRedis(), startFakeModel()]);
    const name = await server.createDatabase();
    url = server.url(name, 'app_login');
    db = await postgresDatabase(server, { url, migrationUrl: server.url(name, 'owner_login'), folders: [llmMigrations] });
    world = await llmWorld({ db, now: () => today });
    fake.fallback = text('fine', { prompt: 10, completion: 10 });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await db?.[Symbol.asyncDispose]();
    await Promise.all([server?.stop(), redis?.stop(), fake?.close()]);
  });

  /** How the calls of both processes ended, together. */
  const askFromBoth = async ({ admin }: LlmTenant, calls: number): Promise<Record<string, number>> => {
    const task = JSON.stringify({ url, redisUrl: redis.url, tenantId: admin.tenantId, calls, today });
    const children = [startChild('test/kit/llm-child', [task]), startChild('test/kit/llm-child', [task])];
    for (const child of children) await child.line('ready');
    for (const child of children) child.process.kill('SIGUSR2');
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

  /** A process that spends from a budget with room for leases ahead: 31 more calls are less than a hundredth of it. */
  const spender = (task: { key: BudgetKey; limit: number; mode: 'drain' | 'hold' }) =>
    startChild('test/kit/lease-child', [JSON.stringify({ url, most: 3, spends: 2, ...task })]);
  const spentBy = async (child: ReturnType<typeof startChild>): Promise<number> => Number((await child.line('spent ')).slice(6));

  it('never pass a limit together by the leases that they take ahead, and leave little of it unused', async () => {
    const key = { tenantId: world.tenant().admin.tenantId, name: 'llm_tokens', period: 'drained' };
    const limit = 10_000;
    const children = [spender({ key, limit, mode: 'drain' }), spender({ key, limit, mode: 'drain' })];
    const spent = await Promise.all(children.map(spentBy));
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
    const total = spent[0]! + spent[1]!;
    expect(total).toBeLessThanOrEqual(limit);
    // At the end each may have refused a call while the other still held its last lease.
    expect(total).toBeGreaterThan(limit * 0.95);
    expect(await createBudgetStore({ db }).use(key)).toEqual({ spent: total, reserved: 0 });
  });

  it('lose nothing that is booked when one is killed with a lease out; the lease is held against the others, then comes back', async () => {
    const key = { tenantId: world.tenant().admin.tenantId, name: 'llm_tokens', period: 'killed' };
    const limit = 10_000;
    const child = spender({ key, limit, mode: 'hold' });
    const spent = await spentBy(child);
    expect(spent).toBe(160);
    expect(await child.ended).toBe('SIGKILL');
    const budgets = createBudgetStore({ db });
    const { reserved, ...books } = await budgets.use(key);
    expect(books).toEqual({ spent });
    expect(reserved).toBeGreaterThan(3);
    expect(reserved).toBeLessThanOrEqual(limit / 50);
    const rest = (await budgets.reserve(key, limit - spent - reserved, limit))!;
    expect(rest).not.toBeNull();
    expect(await budgets.reserve(key, 1, limit)).toBeNull();
    // What the clock does after a quarter of an hour.
    await db.inTenant(key.tenantId, (tx) =>
      sql`update budget_reservations set expires_at = now() where tenant_id = ${key.tenantId} and id <> ${rest}`.execute(tx),
    );
    const back = await budgets.reserve(key, reserved, limit);
    expect(await budgets.use(key)).toEqual({ spent, reserved: limit - spent });
    await Promise.all([rest, back].map((id) => budgets.release(key, id!)));
  });

  it('share a provider’s requests a minute', async () => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url, rateLimitRpm: 25 })], cache: { mode: 'OFF' }, maxRetries: 0 });
    expect(await askFromBoth(tenant, 30)).toEqual({ answered: 25, LLM_UNAVAILABLE: 35 });
  });
});
