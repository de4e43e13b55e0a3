import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { errors } from '#platform/errors';

import { createBuiltInEmbedder, normalise, type Embedder } from '../embedding';

import { fuse } from './fusion';
import { highlights, SearchIndex, vectorIndexFrom, type Collection, type IndexEntry, type IndexQuery } from './index';

const entry = (id: string, content: string, overrides: Partial<IndexEntry> = {}): IndexEntry => ({
  id,
  ownerId: `owner-${id}`,
  kind: 'part',
  title: id,
  content,
  userId: null,
  updatedAt: 1_000,
  metadata: { n: 1 },
  ...overrides,
});
const query = (text: string, overrides: Partial<IndexQuery> = {}): IndexQuery => ({
  text,
  mode: 'hybrid',
  userId: 'ada',
  ...overrides,
});

describe('the search index', () => {
  const index = new SearchIndex({ location: mkdtempSync(path.join(tmpdir(), 'parley-search-')), embedder: createBuiltInEmbedder() });
  afterAll(() => index.close());
  const find = async (tenantId: string, collection: Collection, asked: IndexQuery) =>
    index.fetch((await index.rank([{ tenantId, collection }], asked)).hits.slice(0, 5));
  const put = (tenantId: string, collection: Collection, entries: IndexEntry[]) => index.put({ tenantId, collection }, entries);

  beforeAll(async () => {
    await put('acme', 'knowledge', [
      entry('refunds', 'Customers get their money back within fourteen days of returning goods.'),
      entry('delays', 'A flight is late when it arrives fifteen minutes after schedule.'),
      entry('margins', 'Gross margin is revenue less the cost of goods sold.'),
    ]);
    await put('globex', 'knowledge', [
      entry('refunds', 'Customers get their money back within fourteen days of returning goods.', { metadata: { n: 2 } }),
    ]);
  });

  it('finds by word, by meaning, and by both', async () => {
    const byWord = await find('acme', 'knowledge', query('margin', { mode: 'keyword' }));
    expect(byWord[0]).toMatchObject({ id: 'margins', collection: 'knowledge', scores: { vector: null } });
    const byMeaning = await find('acme', 'knowledge', query('the plane was not on time', { mode: 'vector' }));
    expect(byMeaning[0]!.id).toBe('delays');
    const both = await find('acme', 'knowledge', query('when do customers get a refund'));
    expect(both[0]!.id).toBe('refunds');
    expect(both[0]!.scores.fused).toBeGreaterThan(both[1]!.scores.fused);
  });

  it('keeps identical texts of two tenants apart, whatever the filter says', async () => {
    for (const text of ['customers money back', "' or 1=1 --", "x') or (user_id != '"]) {
      const hits = await find(
        'acme',
        'knowledge',
        query(text, { userId: "ada' or tenant = 'globex", ownerIds: ['owner-refunds', "' or '1'='1"] }),
      );
      expect(hits.every(({ metadata }) => metadata.n === 1)).toBe(true);
    }
  });

  it('gives private entries to their user alone', async () => {
    await put('acme', 'conversations', [
      entry('mine', 'my secret revenue question', { userId: 'ada' }),
      entry('yours', 'your secret revenue question', { userId: 'bob' }),
    ]);
    const hits = await find('acme', 'conversations', query('secret revenue question'));
    expect(hits.map(({ id }) => id)).toEqual(['mine']);
  });

  it('replaces what an owner had, and forgets an owner that is removed', async () => {
    await put('acme', 'dashboards', [entry('old', 'churn by region', { ownerId: 'dash-1' })]);
    const shelf = { tenantId: 'acme', collection: 'dashboards' } as const;
    await index.replaceOwner(shelf, { ownerId: 'dash-1', entries: [entry('new', 'churn by country', { ownerId: 'dash-1' })] });
    expect((await find('acme', 'dashboards', query('churn'))).map(({ id }) => id)).toEqual(['new']);
    await index.removeOwner(shelf, 'dash-1');
    expect(await find('acme', 'dashboards', query('churn'))).toEqual([]);
  });

  it('answers nothing for a question of nothing but signs', async () => {
    expect(await find('acme', 'knowledge', query('"(*:^', { mode: 'keyword' }))).toEqual([]);
  });
});

describe('what the index does by size and by failure', () => {
  const location = mkdtempSync(path.join(tmpdir(), 'parley-search-'));
  /** The text is the vector: "3 4" is (3, 4). Fails on texts that say so. */
  const plane: Embedder = {
    model: 'plane',
    dimension: 2,
    embed: async (texts) =>
      texts.map((text) => {
        if (text.includes('failing')) throw errors.SERVICE_UNAVAILABLE();
        return normalise(text.match(/-?\d+/g)!.slice(-2).map(Number));
      }),
    close: () => Promise.resolve(),
  };
  const index = new SearchIndex({ location, embedder: plane });
  afterAll(() => index.close());
  const shelf = { tenantId: 'acme', collection: 'knowledge' } as const;
  const point = (place: number): IndexEntry => {
    const turn = (2 * Math.PI * place) / vectorIndexFrom;
    return entry(`p${place}`, `${Math.round(1e6 * Math.cos(turn))} ${Math.round(1e6 * Math.sin(turn))}`, { title: 'point' });
  };
  const nearest = async (text: string): Promise<string[]> =>
    (await index.rank([shelf], query(text, { mode: 'vector' }))).hits.slice(0, 3).map(({ id }) => id);

  it('compares every vector below the threshold, and looks into an index from there on', async () => {
    const half = vectorIndexFrom / 2;
    await index.put(
      shelf,
      Array.from({ length: half }, (_, place) => point(place)),
    );
    await index.optimise(shelf);
    expect(await index.isApproximate(shelf)).toBe(false);
    expect((await nearest('1000000 0'))[0]).toBe('p0');
    await index.put(
      shelf,
      Array.from({ length: half }, (_, place) => point(half + place)),
    );
    await index.optimise(shelf);
    expect(await index.isApproximate(shelf)).toBe(true);
    for (const id of await nearest('0 -1000000')) expect(Math.abs(Number(id.slice(1)) - 0.75 * vectorIndexFrom)).toBeLessThan(20);
    // Written after the index was made, and found at once.
    await index.put(shelf, [entry('late', '-1000 1', { title: 'point' })]);
    const { hits } = await index.rank([shelf], query('-1000 1', { mode: 'vector' }));
    expect(hits.map(({ id }) => id)).toContain('late');
  });

  it('keeps what it had where the model fails half-way', async () => {
    const dashboards = { tenantId: 'acme', collection: 'dashboards' } as const;
    const owned = { ownerId: 'd' };
    await index.replaceOwner(dashboards, { ownerId: 'd', entries: [entry('one', '1 0', owned), entry('two', '0 1', owned)] });
    const worse = { ownerId: 'd', entries: [entry('three', '1 1', owned), entry('four', 'failing', owned)] };
    await expect(index.replaceOwner(dashboards, worse)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    const { hits } = await index.rank([dashboards], query('1 0', { mode: 'vector' }));
    expect(hits.map(({ id }) => id).sort()).toEqual(['one', 'two']);
  });

  it('answers by words where the model fails, and says so', async () => {
    expect(await index.rank([shelf], query('failing point'))).toMatchObject({ mode: 'keyword' });
    await expect(index.rank([shelf], query('failing point', { mode: 'vector' }))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });
});

it('fuses two rankings so that what leads both comes first with score 1', () => {
  const ranked = (ids: string[]) => ids.map((item, place) => ({ item, score: 1 - place / 10 }));
  const fused = fuse({ vector: ranked(['a', 'b', 'c']), keyword: ranked(['a', 'c']) }, (item) => item);
  expect(fused.map(({ item }) => item)).toEqual(['a', 'c', 'b']);
  expect(fused[0]!.fused).toBeCloseTo(1);
  expect(fused[2]).toMatchObject({ keyword: null });
});

it('marks the words of the query in the text', () => {
  expect(highlights('Flights are delayed in winter. Fares rise.', 'flight delays')).toEqual(['**Flights** are **delayed** in winter.']);
});
