import type { QueryResult } from '../sandbox';
import { createResultCache, type ResultKey } from '.';

const key = (changes: Partial<ResultKey> = {}): ResultKey => ({
  tenantId: 't',
  sourceId: 's',
  dataVersion: '1',
  sql: 'select 1',
  policy: 'none',
  parameters: {},
  maxRows: 10,
  ...changes,
});
const result = (text = 'x'): QueryResult => ({ columns: [], rows: [[text]], truncated: false, executionTimeMs: 1 });

it('runs once for callers who ask at the same time, and keeps the answer', async () => {
  const cache = createResultCache();
  const run = jest.fn(async () => result());
  const answers = await Promise.all([cache.resolve(key(), run), cache.resolve(key(), run), cache.resolve(key(), run)]);
  expect(run).toHaveBeenCalledTimes(1);
  expect(answers.map(({ cacheHit }) => cacheHit)).toEqual([false, true, true]);
  expect((await cache.resolve(key(), run)).cacheHit).toBe(true);
});

it.each<Partial<ResultKey>>([
  { tenantId: 'u' },
  { sourceId: 'r' },
  { dataVersion: '2' },
  { sql: 'select 2' },
  { policy: 'europe' },
  { parameters: { a: 1 } },
  { maxRows: 11 },
])('never answers with a result of another key: %p', async (changes) => {
  const cache = createResultCache();
  await cache.resolve(key(), async () => result('first'));
  expect(await cache.resolve(key(changes), async () => result('second'))).toEqual({ result: result('second'), cacheHit: false });
});

it('does not hand one caller’s failure to another, and keeps none', async () => {
  const cache = createResultCache();
  let fail!: (reason: Error) => void;
  const first = cache.resolve(key(), () => new Promise<QueryResult>((_, reject) => (fail = reject)));
  const second = cache.resolve(key(), async () => result());
  fail(new Error('cancelled'));
  await expect(first).rejects.toThrow('cancelled');
  expect(await second).toEqual({ result: result(), cacheHit: false });
});

it('forgets after its time and runs anew when told to', async () => {
  let now = 0;
  const cache = createResultCache({ ttlMs: 1_000, now: () => now });
  await cache.resolve(key(), async () => result('old'));
  expect((await cache.resolve(key(), async () => result('new'), { refresh: true })).result).toEqual(result('new'));
  expect((await cache.resolve(key(), async () => result('newer'))).result).toEqual(result('new'));
  now = 1_001;
  expect((await cache.resolve(key(), async () => result('newest'))).cacheHit).toBe(false);
});

it('stays within its bytes by forgetting what was used longest ago', async () => {
  const cache = createResultCache({ maxBytes: 4_000 });
  for (const sql of ['a', 'b', 'c', 'd', 'e', 'f']) await cache.resolve(key({ sql }), async () => result('x'.repeat(900)));
  expect(cache.stats().bytes).toBeLessThanOrEqual(4_000);
  expect((await cache.resolve(key({ sql: 'f' }), async () => result())).cacheHit).toBe(true);
  expect((await cache.resolve(key({ sql: 'a' }), async () => result())).cacheHit).toBe(false);
  await cache.resolve(key({ sql: 'huge' }), async () => result('x'.repeat(5_000)));
  expect(cache.stats().entries).toBeGreaterThan(1);
});
