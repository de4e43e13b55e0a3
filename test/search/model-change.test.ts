import { readdirSync } from 'node:fs';

import { configuredEmbedders } from '../../subgraphs/search';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { embeddingServer } from './embedding-server';
import { openWorld, type Encoders, type World } from './world';

const animals = ['Otters', 'Badgers', 'Foxes', 'Herons', 'Moles', 'Lynxes', 'Weasels', 'Magpies', 'Beavers', 'Hedgehogs'];

describe('changing the embedding model', () => {
  let world: World;
  let server: Awaited<ReturnType<typeof embeddingServer>>;
  const remote = (model: string): Encoders => {
    const { embedder, former } = configuredEmbedders({ url: server.url, model, dimension: server.dimension });
    return { embedder: () => embedder, formerEmbedder: former };
  };
  beforeEach(async () => {
    [world, server] = [await openWorld(), await embeddingServer()];
  });
  afterEach(async () => {
    await world.close();
    await server.close();
  });

  const stats = async (me: ReturnType<typeof caller>) =>
    (await world.run(me, '{ searchStats { model dimension nextModel progress pending collections { collection entries } } }')).data
      .searchStats;
  const titles = async (me: ReturnType<typeof caller>, query: string, mode = 'HYBRID') =>
    (await world.search(me, { query, mode, collections: ['knowledge'] })).results.map(({ title }) => title);

  it('answers every query from the old model until the new one holds everything, and takes up what is written meanwhile', async () => {
    const me = caller();
    const ids: string[] = [];
    for (const animal of animals) ids.push((await world.add(me, { title: animal, content: `${animal} live by the river.` })).id);
    expect(await stats(me)).toMatchObject({ model: 'use-lite-en@0.2.0', dimension: 512, nextModel: null, progress: 1, pending: 0 });

    const release = server.hold();
    await world.restart({ change: remote('small') });
    // Asks all through the change; each answer must hold what is there from beginning to end.
    let asking = true;
    const missed: string[] = [];
    let asked = 0;
    const asker = (async () => {
      for (; asking; asked += 1) {
        const animal = animals[2 + (asked % (animals.length - 2))]!;
        for (const mode of ['HYBRID', 'KEYWORD']) if ((await titles(me, animal, mode))[0] !== animal) missed.push(`${mode} ${animal}`);
      }
    })();
    try {
      await until(async () => (await stats(me)).nextModel === 'embeddings/small', { withinMs: 60_000 });
      expect(await stats(me)).toMatchObject({ model: 'use-lite-en@0.2.0', dimension: 512, pending: animals.length, progress: 0 });
      // Removed and added while the new model fills.
      expect((await world.run(me, `mutation { removeKnowledge(input: { documentId: "${ids[0]}" }) { id } }`)).code).toBeUndefined();
      expect(await titles(me, 'otters', 'KEYWORD')).toEqual([]);
      release();
      await world.add(me, { title: 'Pelicans', content: 'Pelicans nest by the sea.' });

      await until(async () => (await stats(me)).model === 'embeddings/small', { withinMs: 60_000 });
      const before = asked;
      await until(async () => asked > before + 2, { withinMs: 60_000 });
    } finally {
      asking = false;
      await asker;
    }
    expect(missed).toEqual([]);
    expect(asked).toBeGreaterThan(3);

    expect(await stats(me)).toMatchObject({ dimension: server.dimension, nextModel: null, progress: 1, pending: 0 });
    expect((await stats(me)).collections).toContainEqual({ collection: 'knowledge', entries: animals.length });
    expect((await titles(me, 'pelicans', 'VECTOR'))[0]).toBe('Pelicans');
    expect(await titles(me, 'otters', 'KEYWORD')).toEqual([]);
    // One table of each collection is left when their time is over: the old model's are removed.
    await world.hasten();
    await until(async () => readdirSync(world.location).filter((name) => name.startsWith('knowledge_')).length === 1, { withinMs: 60_000 });
    expect(new Set((await world.indexed(me.tenantId)).map(({ model }) => model))).toEqual(new Set(['embeddings/small']));
  });

  it('goes on where it was after a model that fails half-way and after a restart, and embeds hardly anything twice', async () => {
    const me = caller();
    for (const animal of animals) await world.add(me, { title: animal, content: `${animal} live by the river.` });
    await world.restart({ change: remote('small') });
    await until(async () => (await stats(me)).pending < animals.length, { withinMs: 60_000 });
    server.answer({ status: 500 });
    await world.restart({ change: remote('small') });
    const { pending, model } = await stats(me);
    // The machine may have been quick: what matters is that the rest is neither lost nor done again.
    if (pending > 0) expect(model).toBe('use-lite-en@0.2.0');
    expect((await titles(me, 'badgers', 'KEYWORD'))[0]).toBe('Badgers');
    server.answer({ status: 200 });
    await until(async () => (await stats(me)).model === 'embeddings/small', { withinMs: 60_000 });
    const embedded = server.seen.filter(({ status }) => status === 200).flatMap(({ input }) => input);
    const texts = embedded.filter((one) => one.includes('live by the river'));
    expect(new Set(texts).size).toBe(animals.length);
    // The one that a restart cut off between embedding and writing it down.
    expect(texts.length).toBeLessThanOrEqual(animals.length + 1);
    for (const animal of animals) {
      const { results } = await world.search(me, { query: `${animal}. ${animal} live by the river.`, mode: 'VECTOR' });
      expect(results.find(({ title }) => title === animal).scores.vector).toBeCloseTo(1, 4);
    }
  });

  it('is found by words where the old model is gone, and says so', async () => {
    const me = caller();
    await world.restart({ change: remote('small') });
    await world.add(me, { title: 'Otters', content: 'Otters live by the river.' });
    const release = server.hold();
    // The same provider no longer serves: another encoder, and no way to ask the former one.
    await world.restart({ change: { embedder: () => configuredEmbedders({ url: server.url, model: 'large', dimension: 24 }).embedder } });
    const answer = await world.search(me, { query: 'otters', collections: ['knowledge'] });
    expect(answer).toMatchObject({ mode: 'KEYWORD', results: [{ title: 'Otters', scores: { vector: null } }] });
    expect((await world.search(me, { query: 'otters', mode: 'VECTOR', collections: ['knowledge'] })).code).toBe('SERVICE_UNAVAILABLE');
    release();
    await until(async () => (await stats(me)).model === 'embeddings/large', { withinMs: 60_000 });
    expect(await world.search(me, { query: 'otters', collections: ['knowledge'] })).toMatchObject({ mode: 'HYBRID' });
  });
});
