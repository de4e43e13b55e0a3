import { caller } from '../kit/caller';
import { status, text } from '../kit/fake-model';
import { sqlWorld, type SqlWorld } from './world';

const written = (sql: string | null, explanation = 'Because.') =>
  text(JSON.stringify({ sql, explanation }), { prompt: 100, completion: 10 });
const promptOf = (request: { body: Record<string, unknown> } | undefined): string => JSON.stringify(request?.body.messages);

describe('the language model', () => {
  let world: SqlWorld;
  beforeAll(async () => {
    world = await sqlWorld({ withModel: true });
  });
  afterAll(() => world[Symbol.asyncDispose]());
  const requests = () => world.provider!.requests.filter(({ path }) => path.endsWith('/chat/completions'));

  it('writes SQL that is checked, run and answered for', async () => {
    const me = caller();
    await world.bakery(me);
    world.provider!.script(written("select count(*) as n from shops where town = 'Ulm'"));
    const answer = await world.ask(me, { question: 'How many places do we run down in Ulm?', strategy: 'LLM' });
    expect(answer).toMatchObject({ engine: 'LLM', rows: [[4]], schemaTablesUsed: ['shops'], tokensUsed: 110, attempts: [{ error: null }] });
    expect(promptOf(requests().at(-1))).toMatch(/table shops.*town VARCHAR.*<question>How many places/);
  });

  it('is told what was wrong, at most max_retries times, and a write never runs', async () => {
    const me = caller();
    await world.bakery(me);
    const before = requests().length;
    world.provider!.script(written('delete from shops'), written('select nothing_here from shops'), written('select count(*) from shops'));
    const answer = await world.ask(me, { question: 'How many shops?', strategy: 'LLM', maxRetries: 2 });
    expect(answer.rows).toEqual([[12]]);
    expect(answer.attempts.map(({ error }: any) => error)).toEqual([
      expect.stringMatching(/read-only|SELECT/i),
      expect.stringContaining('nothing_here'),
      null,
    ]);
    expect(promptOf(requests().at(-1))).toContain('That statement cannot be used.');
    expect(requests().length - before).toBe(3);
  });

  it('gives up after max_retries with every attempt', async () => {
    const me = caller();
    await world.bakery(me);
    world.provider!.script(written('drop table shops'), written('drop table people'));
    const failure = await world.ask(me, { question: 'How many shops?', strategy: 'LLM', maxRetries: 1 }).catch((thrown) => thrown);
    expect(failure).toHaveCode('QUERY_FAILED');
    expect(failure.details.attempts).toHaveLength(2);
  });

  it('is not asked where the engine is sure, and is asked about one source only', async () => {
    const me = caller();
    const source = await world.bakery(me);
    await world.run(me, 'mutation ($input: PutSemanticModelInput!) { putSemanticModel(input: $input) { inferred } }', {
      input: { sourceId: source.id, model: { ...source.model, metrics: [{ name: 'revenue', expression: 'sum(sales.amount)' }] } },
    });
    const before = requests().length;
    expect(await world.ask(me, { question: 'revenue by town' })).toMatchObject({ engine: 'SEMANTIC' });
    expect(requests().length).toBe(before);
    world.provider!.script(written(null, 'There is nothing about the weather.'));
    await world.run(me, 'mutation ($input: UploadSourceInput!) { uploadSource(input: $input) { id } }', {
      input: { filename: 'more.csv', contentBase64: Buffer.from('a,b\n1,2\n3,4\n').toString('base64') },
    });
    const asked = await world.ask(me, { question: 'Zebras galore, moonlight sonata?' });
    expect(asked.sql).toBeNull();
    expect(requests().length).toBe(before + 1);
  });

  it('gains confidence where its rows are those of the engine', async () => {
    const me = caller();
    await world.bakery(me);
    world.provider!.script(written('select town, sum(s.amount) from sales s join shops h on h.id = s.shop_id group by 1 order by 1'));
    const agreed = await world.ask(me, { question: 'total sales amount by shop town' });
    expect(agreed).toMatchObject({ engine: 'LLM', confidence: 0.95, alternatives: [] });
    world.provider!.script(written('select count(*) from sales'));
    const rival = await world.ask(me, { question: 'total sales amount by shop town', refresh: true });
    expect(rival.confidence).toBeLessThan(0.8);
    expect(rival.alternatives[0].sql).toMatch(/SUM\(sales.amount\)/);
  });

  it('sees approved pairs as examples, not candidates, and no values that a policy guards', async () => {
    const me = caller();
    const source = await world.bakery(me);
    await world.run(me, 'mutation ($input: CreateVerifiedQueryInput!) { createVerifiedQuery(input: $input) { id } }', {
      input: { sourceId: source.id, question: 'how busy is it?', sql: 'select count(*) from sales' },
    });
    await world.run(me, 'mutation ($input: PutSemanticModelInput!) { putSemanticModel(input: $input) { inferred } }', {
      input: {
        sourceId: source.id,
        model: { ...source.model, policies: [{ name: 'towns', entity: 'shop', roles: ['analyst'], filter: 'town = user.town' }] },
      },
    });
    const analyst = { ...me, userId: 'v', roles: ['analyst' as const], attributes: { town: 'Bonn' } };
    world.provider!.script(written('select town, count(*) from shops group by 1'));
    const answer = await world.ask(analyst, { question: 'places?', strategy: 'LLM' });
    expect(answer.rows).toEqual([['Bonn', 4]]);
    const prompt = promptOf(requests().at(-1));
    expect(prompt).toContain('how busy is it?');
    expect(prompt).not.toContain('Saint-Lô');
    expect(prompt).toContain('wheat');
  });

  it('that is down takes no answer of the engine away', async () => {
    const me = caller();
    await world.bakery(me);
    world.provider!.fallback = status(500);
    try {
      const answer = await world.ask(me, { question: 'total sales amount by shop town', refresh: true });
      expect(answer).toMatchObject({ engine: 'SEMANTIC', rowCount: 3 });
      await expect(world.ask(me, { question: 'total sales amount by shop town', strategy: 'LLM', refresh: true })).rejects.toHaveCode(
        'LLM_UNAVAILABLE',
      );
    } finally {
      world.provider!.fallback = text('ok');
    }
  });
});

it('without a model, strategy llm says what is missing', async () => {
  await using world = await sqlWorld();
  const me = caller();
  await world.bakery(me);
  await expect(world.ask(me, { question: 'How many shops?', strategy: 'LLM' })).rejects.toHaveCode('LLM_UNAVAILABLE');
});
