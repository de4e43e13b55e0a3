import { json } from '#platform/db';
import { silentLogger } from '#platform/telemetry';

import { testDatabase } from '../../../../test/kit/database';
import { until } from '../../../../test/kit/until';
import { CacheStore } from '../../store/cache.store';
import type { LlmTables } from '../../store/rows';
import { llmMigrations } from '../..';
import { CacheIndex } from './cache-index';

it('finds what is cached already and what another process caches later, and reads no more than is new', async () => {
  await using db = await testDatabase([llmMigrations]);
  const tables = db.withTables<LlmTables>();
  const real = new CacheStore();
  const pages: number[] = [];
  const store: Pick<CacheStore, 'index'> = {
    index: async (...given) => {
      const page = await real.index(...given);
      pages.push(page.length);
      return page;
    },
  };
  /** Ten answers have each moment in common. */
  const cache = (from: number, count: number, { laterMs = 0, expires = '2999-01-01' } = {}): Promise<void> =>
    tables.inTenant('acme', (tx) =>
      real.putMany(
        tx,
        'acme',
        Array.from({ length: count }, (_, index) => ({
          tenant_id: 'acme',
          key: `key-${from + index}`,
          scope: 'scope',
          provider: 'provider',
          model: 'model',
          question: 'how much?',
          embedding: null,
          answer: json({}),
          tags: [],
          prompt_tokens: 1,
          completion_tokens: 1,
          cost_usd: '0',
          latency_ms: 1,
          created_at: new Date(1_000_000_000_000 + laterMs + Math.floor((from + index) / 10)),
          expires_at: new Date(expires),
        })),
      ),
    );
  await cache(0, 95);
  const index = new CacheIndex({ db: tables, store, logger: silentLogger, freshMs: -1, pageRows: 20 });
  const [entries, same] = await Promise.all([index.entriesOf('acme'), index.entriesOf('acme')]);
  expect(same).toBe(entries);
  expect([...entries.keys()].sort()).toEqual(Array.from({ length: 95 }, (_, key) => `key-${key}`).sort());
  expect(pages.splice(0)).toEqual([20, 20, 20, 20, 15]);

  await cache(95, 25);
  await index.entriesOf('acme');
  await until(() => entries.size === 120);
  // The second page has old ones beside the new, the third nothing new.
  expect(pages.splice(0)).toEqual([20, 20, 20]);
  expect([...entries.keys()].slice(-25).sort()).toEqual(Array.from({ length: 25 }, (_, key) => `key-${95 + key}`).sort());

  // Cached anew, as after their end: known by their keys, and new all the same.
  await cache(0, 25, { laterMs: 1_000, expires: '3000-01-01' });
  await index.entriesOf('acme');
  const anew = (): number => [...entries.values()].filter(({ expiresAt }) => expiresAt === Date.parse('3000-01-01')).length;
  await until(() => anew() === 25);
  expect([entries.size, pages]).toEqual([120, [20, 20, 20]]);
  expect((await index.entriesOf('zenith')).size).toBe(0);
});
