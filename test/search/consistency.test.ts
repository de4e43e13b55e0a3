import { createBuiltInEmbedder, type Embedder } from '../../subgraphs/search';
import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { openWorld } from './world';

import { errors } from '#platform/errors';

const slow = { withinMs: 60_000 };

/** The shipped encoder, that does `before` each time. */
function watched(before: (texts: readonly string[]) => Promise<void> | void): Embedder {
  const embedder = createBuiltInEmbedder();
  return {
    model: embedder.model,
    dimension: embedder.dimension,
    embed: async (texts, signal) => {
      await before(texts);
      return embedder.embed(texts, signal);
    },
    close: () => embedder.close(),
  };
}

it('a document whose indexing fails for good is FAILED and says why in plain words, and a reindex makes it READY', async () => {
  let isAway = true;
  let attempts = 0;
  const embedder = (): Embedder =>
    watched((texts) => {
      if (!texts.some((text) => text.includes('walrus'))) return;
      attempts += 1;
      if (isAway) throw errors.SERVICE_UNAVAILABLE({}, { cause: 'connect ECONNREFUSED 10.0.0.7:443' });
    });
  const world = await openWorld({ embedder });
  try {
    const me = caller();
    const added = await world.run(
      me,
      'mutation { addKnowledge(input: { title: "Arctic", content: "The walrus rests on ice." }) { id status problem } }',
    );
    const { id } = added.data.addKnowledge;
    expect(added.data.addKnowledge).toMatchObject({ status: 'INDEXING', problem: null });
    const document = async () =>
      (await world.run(me, `{ knowledgeDocument(id: "${id}") { status problem partCount } }`)).data.knowledgeDocument;
    await until(
      async () => {
        await world.hasten();
        return (await document()).status !== 'INDEXING';
      },
      { withinMs: 60_000, everyMs: 50 },
    );
    expect(attempts).toBeGreaterThan(1);
    expect(await document()).toEqual({
      status: 'FAILED',
      problem: 'The embedding model could not be reached. The document is kept; a reindex tries again.',
      partCount: 0,
    });
    const found = async () => (await world.search(me, { query: 'walrus', mode: 'KEYWORD' })).results;
    expect(await found()).toEqual([]);

    isAway = false;
    await world.run(me, 'mutation { reindexSearch { id } }');
    await until(async () => (await document()).status === 'READY', slow);
    expect(await document()).toEqual({ status: 'READY', problem: null, partCount: 1 });
    expect(await found()).toHaveLength(1);
  } finally {
    await world.close();
  }
});

it('of two indexers of one dashboard, the one that read the older state writes last, sees it, and looks again', async () => {
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const seen: string[] = [];
  const embedder = (): Embedder =>
    watched(async (texts) => {
      const bird = /kestrel|osprey/i.exec(texts.join())?.[0].toLowerCase();
      if (bird) seen.push(bird);
      if (bird === 'kestrel') await held;
    });
  const world = await openWorld({ embedder });
  try {
    const me = caller();
    const titles = async (query: string) => (await world.search(me, { query, mode: 'KEYWORD' })).results.map(({ title }) => title);
    const board = {
      id: 'd-1',
      tenantId: me.tenantId,
      description: null,
      tags: [],
      widgets: [],
      updatedAt: new Date(1),
      readers: [me.userId],
    };
    world.neighbours.dashboards.set('d-1', { ...board, name: 'Kestrel' });
    await world.publish(me.tenantId, 'dashboard.changed', { dashboardId: 'd-1' });
    await until(() => seen.length === 1, slow);

    // The other indexer reads the newer state and is done while the first still holds the older one.
    world.neighbours.dashboards.set('d-1', { ...board, name: 'Osprey' });
    const { data } = await world.run(me, 'mutation { reindexSearch { id } }');
    await until(async () => {
      const { reindexJob } = (await world.run(me, `{ reindexJob(id: "${data.reindexSearch.id}") { status } }`)).data;
      return reindexJob.status === 'completed';
    }, slow);
    expect(await titles('osprey')).toEqual(['Osprey']);

    release();
    await until(() => seen.length === 3, slow);
    await until(async () => (await titles('osprey')).length === 1 && (await titles('kestrel')).length === 0, slow);
    expect(seen).toEqual(['kestrel', 'osprey', 'osprey']);
    expect(await world.indexed(me.tenantId)).toHaveLength(1);
  } finally {
    release();
    await world.close();
  }
});
