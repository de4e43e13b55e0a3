import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { openWorld, type World } from './world';

describe('searching', () => {
  let world: World;
  const me = caller();
  beforeAll(async () => {
    world = await openWorld();
    const table = (name: string) => ({ name, comment: null, columns: [{ name: 'id', type: 'integer', comment: null }], joins: [] });
    world.neighbours.sources.set('air', {
      id: 'air',
      tenantId: me.tenantId,
      name: 'air',
      builtIn: false,
      tables: [table('airports'), table('airlines'), table('passenger_bookings')],
      metrics: [{ name: 'average_delay', description: 'Minutes late on arrival', synonyms: [] }],
      values: [],
    });
    await world.publish(me.tenantId, 'sql.source.refreshed', { sourceId: 'air' });
    const animals = ['Otters', 'Badgers', 'Foxes', 'Herons', 'Moles'];
    await world.add(me, { title: 'Rivers', content: animals.map((animal) => `# ${animal}\n\n${animal} live by the river.`).join('\n\n') });
    await until(async () => (await world.indexed(me.tenantId)).length === 3);
  });
  afterAll(() => world.close());

  it('explains the score by each half and marks the words', async () => {
    const [hit] = (await world.search(me, { query: 'otters', collections: ['knowledge'] })).results;
    expect(hit).toMatchObject({ title: 'Rivers › Otters', highlights: expect.arrayContaining(['**Otters** live by the river.']) });
    expect(hit.scores).toEqual({ vector: expect.any(Number), keyword: expect.any(Number), fused: hit.score });
    const [byWord] = (await world.search(me, { query: 'otters', mode: 'KEYWORD' })).results;
    expect(byWord.scores).toMatchObject({ vector: null, keyword: expect.any(Number) });
    const [byMeaning] = (await world.search(me, { query: 'otters', mode: 'VECTOR' })).results;
    expect(byMeaning.scores).toMatchObject({ vector: expect.any(Number), keyword: null });
  });

  it('pages without repeating, and leaves out what scores less than asked', async () => {
    const page = async (extra: object) =>
      world.search(me, { query: 'live by the river', collections: ['knowledge'], mode: 'KEYWORD', ...extra });
    const whole = await page({ topK: 100 });
    expect(whole.total).toBe(5);
    const pages = [await page({ topK: 2 }), await page({ topK: 2, offset: 2 }), await page({ topK: 2, offset: 4 })];
    expect(pages.flatMap(({ results }) => results.map(({ id }) => id))).toEqual(whole.results.map(({ id }) => id));
    const bar = whole.results[2].score;
    expect((await page({ minScore: bar })).results.every(({ score }) => score >= bar)).toBe(true);
    expect((await page({ minScore: 1, offset: 1_000 })).results).toEqual([]);
  });

  it('refuses what it does not know, and names what was meant', async () => {
    const refused: [Record<string, unknown>, RegExp][] = [
      [{ query: '' }, /empty/],
      [{ query: ' \u0000\u0007\n ' }, /empty/],
      [{ query: 'x'.repeat(10_000) }, /2,000/],
      [{ query: 'x', collections: ['knowlege'] }, /did you mean knowledge/],
      [{ query: 'x', topK: 0 }, /1 to 100/],
      [{ query: 'x', offset: 1_001 }, /1,000/],
      [{ query: 'x', minScore: 1.5 }, /minScore/],
      [{ query: 'x', filters: { tenant_id: 'other' } }, /known are kind/],
      [{ query: 'x', filters: 'kind = 1' }, /known are kind/],
      [{ query: 'x', filters: { from: 'yesterday' } }, /2026-01-31/],
    ];
    for (const [input, message] of refused) {
      const answer = await world.search(me, input);
      expect({ input: JSON.stringify(input).slice(0, 60), code: answer.code }).toMatchObject({ code: 'INVALID_REQUEST' });
      expect(answer.message).toMatch(message);
    }
    expect((await world.run(me, '{ searchSchema(q: "x", type: "tabel") { results { name } } }')).code).toBe('INVALID_REQUEST');
  });

  it('takes signs, quotes and injection as words or as values that nothing has', async () => {
    for (const query of ['"(*:^~', "otters' or 1=1 --", 'otters\u0000\u001b[31m', '\u202eotters', '🦦🦦', "\\'; drop table x"])
      expect((await world.search(me, { query })).code).toBeUndefined();
    for (const kind of ["part' or '1'='1", "part\\' or 1=1 --", 'part"', 'part\u0000'])
      expect(await world.search(me, { query: 'otters', filters: { kind } })).toMatchObject({ code: undefined, results: [] });
    expect((await world.search(me, { query: 'otters', filters: { kind: 'part' } })).results.length).toBeGreaterThan(0);
    expect((await world.search(me, { query: 'otters', filters: { owner_id: [] } })).results).toEqual([]);
  });

  it('completes what is typed, slips included', async () => {
    const suggest = async (q: string, limit = 10) =>
      (await world.run(me, `query ($q: String!, $limit: Int) { searchSuggest(q: $q, limit: $limit) }`, { q, limit })).data.searchSuggest;
    expect((await suggest('air')).slice(0, 2)).toEqual(['airlines', 'airports']);
    expect(await suggest('bookings', 1)).toEqual(['passenger bookings']);
    expect(await suggest('airprots')).toEqual(['airports']);
    expect(await suggest('averge d')).toEqual(['average delay']);
    expect(await suggest('  ')).toEqual([]);
    expect((await world.run(caller(), '{ searchSuggest(q: "air") }')).data.searchSuggest).toEqual([]);
    expect((await world.run(me, '{ searchSuggest(q: "air", limit: 51) }')).code).toBe('INVALID_REQUEST');
  });
});
