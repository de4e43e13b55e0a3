import { startServer, type TestServer } from '../kit/server';
import { until } from '../kit/until';

// Two starts after a kill, and the indexing of all that is left, on whatever machine this is.
jest.setTimeout(400_000);

// The test asks how far it is more often than people may.
const environment = { DEMO_DATA: 'false', RATE_LIMIT_FREE: '1000000', RATE_LIMIT_STANDARD: '1000000' };
const [documents, sections] = [16, 12];
const words = ['otter', 'badger', 'heron', 'lynx', 'magpie', 'beaver', 'hedgehog', 'weasel'];
const contentOf = (n: number): string =>
  Array.from(
    { length: sections },
    (_, at) => `# Part ${at}\n\nThe ${words[(n + at) % words.length]} of valley d${n}x was seen ${at} times.`,
  ).join('\n\n');

it('is killed while it indexes, twice, and in the end every document is found, whole and once', async () => {
  let server = await startServer({ environment });
  const { dataDirectory } = server;
  const get = async (of: TestServer, route: string) =>
    (await of.request('GET', `/api/v1/search${route}`, { token: of.token('acme') })).body.data;
  const indexed = async (of: TestServer): Promise<number> =>
    ((await get(of, '/stats')).collections as { collection: string; entries: number }[]).find(
      ({ collection }) => collection === 'knowledge',
    )!.entries;
  try {
    const ids: string[] = [];
    for (let n = 0; n < documents; n += 1) {
      const body = { title: `Document ${n}`, content: contentOf(n), format: 'MARKDOWN' };
      const { status, body: answer } = await server.request('POST', '/api/v1/search/knowledge', { token: server.token('acme'), body });
      expect(status).toBe(201);
      ids.push(answer.data.id);
    }
    const statuses = async () => Promise.all(ids.map(async (id) => (await get(server, `/knowledge/${id}`)).status));
    for (const share of [0.2, 0.5]) {
      await until(async () => (await indexed(server)) >= documents * sections * share, { withinMs: 120_000, everyMs: 25 });
      await server.stop('SIGKILL');
      server = await startServer({ dataDirectory, environment });
      // What waits for its turn is pending, not done.
      const { pending } = await get(server, '/stats');
      expect((await statuses()).filter((status) => status === 'indexing').length).toBeLessThanOrEqual(pending);
    }
    await until(async () => (await statuses()).every((status) => status === 'ready'), { withinMs: 200_000, everyMs: 500 });
    expect(await get(server, '/stats')).toMatchObject({ pending: 0, progress: 1 });
    expect(await indexed(server)).toBe(documents * sections);
    for (const n of [0, 7, documents - 1]) {
      for (const mode of ['keyword', 'hybrid']) {
        const body = { query: `valley d${n}x`, collections: ['knowledge'], top_k: 100, mode, filters: { owner_id: ids[n] } };
        const { body: answer } = await server.request('POST', '/api/v1/search/semantic', { token: server.token('acme'), body });
        const found = answer.data.results as { id: string; metadata: { documentId: string } }[];
        expect([n, mode, found.length, new Set(found.map(({ id }) => id)).size]).toEqual([n, mode, sections, sections]);
      }
    }
  } finally {
    await server[Symbol.asyncDispose]();
  }
});
