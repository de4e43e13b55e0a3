import { caller } from '../kit/caller';
import { sqlWorld, type SqlWorld } from './world';

describe('questions', () => {
  let world: SqlWorld;
  beforeAll(async () => {
    world = await sqlWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const putModel = (me: ReturnType<typeof caller>, input: Record<string, unknown>) =>
    world.run(me, 'mutation ($input: PutSemanticModelInput!) { putSemanticModel(input: $input) { inferred } }', { input });

  it('are answered with rows, the SQL, and its clauses', async () => {
    const me = caller();
    await world.bakery(me);
    const answer = await world.ask(me, { question: 'total sales amount by shop town' });
    // The question names no order, and neither does the statement.
    expect([...answer.rows].sort()).toEqual([
      ['Bonn', 17048.4],
      ['Saint-Lô', 13626.6],
      ['Ulm', 6797],
    ]);
    expect(answer).toMatchObject({
      engine: 'SEMANTIC',
      schemaTablesUsed: ['shops', 'sales'],
      unusedWords: [],
      interpretation: expect.arrayContaining([expect.objectContaining({ clause: 'measure: total amount' })]),
    });
  });

  it('with two likely readings give one and ask, with the rows of both', async () => {
    const me = caller();
    await world.bakery(me);
    // Which of these are close depends on the weights; some are under any.
    const vague = [
      'most popular bread',
      'amount for each bread',
      'oldest shop',
      'best bread',
      'top bread',
      'biggest sale',
      'people per town',
      'number of people per shop',
      'Sunrise',
    ];
    const answers: any[] = [];
    for (const question of vague) answers.push(await world.ask(me, { question }));
    const asked = answers.filter(({ clarification }) => clarification?.options.length > 0);
    expect(asked.length).toBeGreaterThan(0);
    for (const { sql, clarification } of asked) {
      expect(clarification.question).toMatch(/^Which did you mean\?/);
      expect(clarification.options.map((option: any) => option.sql)).toContain(sql);
      const [one, other] = clarification.options.map((option: any) => option.result);
      expect(one.rows).not.toEqual(other.rows);
    }
  });

  it('compare readings under the row policies of the caller', async () => {
    const me = caller();
    const source = await world.bakery(me);
    const { yaml } = await world.run(me, 'query ($id: ID!) { semanticModel(sourceId: $id) { yaml } }', { id: source.id });
    await putModel(me, {
      sourceId: source.id,
      yaml:
        yaml.replace(/policies: \[\]\s*/, '') +
        '\npolicies:\n  - name: own town\n    entity: shop\n    roles: [analyst]\n    filter: town = user.town\n',
    });
    const analyst = { ...me, userId: 'v', roles: ['analyst' as const], attributes: { town: 'Ulm' } };
    const shown = await world.ask(analyst, { question: 'oldest shop' });
    expect(JSON.stringify(shown)).not.toContain('Sunrise');
    expect(shown.rows).toHaveLength(1);
  });

  it('go back with undo, twice', async () => {
    const me = caller();
    await world.bakery(me);
    const asked: any[] = [];
    for (const question of ['total sales amount by shop town', 'only Ulm', 'by month instead', 'undo', 'undo']) {
      const previousQueryId = asked.at(-1)?.queryId;
      asked.push(await world.ask(me, { question, ...(previousQueryId ? { previousQueryId } : {}) }));
    }
    expect(asked[3].sql).toBe(asked[1].sql);
    expect(asked[4].sql).toBe(asked[0].sql);
  });

  it('about something else get a clarification, and nothing runs', async () => {
    const me = caller();
    await world.bakery(me);
    const answer = await world.ask(me, { question: 'Zebras galore, moonlight sonata?' });
    expect(answer).toMatchObject({
      sql: null,
      queryId: null,
      rows: [],
      clarification: { notUnderstood: ['Zebras', 'galore', 'moonlight', 'sonata'] },
    });
  });

  it('follow only queries of the same person', async () => {
    const me = caller();
    await world.bakery(me);
    const { queryId } = await world.ask(me, { question: 'total sales amount by shop town' });
    const colleague = { ...me, userId: 'colleague', roles: ['analyst' as const] };
    await expect(world.ask(colleague, { question: 'only Ulm', previousQueryId: queryId })).rejects.toHaveCode('NOT_FOUND');
  });
});
