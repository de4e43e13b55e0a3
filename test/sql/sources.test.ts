import { caller } from '../kit/caller';
import { describeWith } from '../kit/external';
import { postgresProgram, startPostgres, type TestPostgres } from '../kit/postgres';
import { until } from '../kit/until';
import { sqlWorld, type SqlWorld } from './world';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('sources and statements', () => {
  let world: SqlWorld;
  beforeAll(async () => {
    world = await sqlWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const upload = (me: ReturnType<typeof caller>, filename: string, content: string) =>
    world.run(me, 'mutation ($input: UploadSourceInput!) { uploadSource(input: $input) { id name kind status tableCount } }', {
      input: { filename, contentBase64: base64(content) },
    });
  const execute = (me: ReturnType<typeof caller>, input: Record<string, unknown>, signal?: AbortSignal) =>
    world.run(
      me,
      'mutation ($input: ExecuteSqlInput!) { executeSql(input: $input) { queryId rows cacheHit truncated } }',
      { input },
      signal,
    );

  it('come from an uploaded file, answer at once, and are another tenant’s never', async () => {
    const [me, stranger] = [caller(), caller()];
    const source = await upload(me, 'stock.csv', 'item,pieces\nbolt,10\nnut,30\n');
    expect(source).toMatchObject({ status: 'READY', tableCount: 1 });
    expect(await world.ask(me, { question: 'total pieces of stock', sourceId: source.id })).toMatchObject({ rows: [[40]] });
    await expect(world.ask(stranger, { question: 'total pieces', sourceId: source.id })).rejects.toHaveCode('NOT_FOUND');
    await expect(execute(stranger, { sql: 'select * from stock', sourceId: source.id })).rejects.toHaveCode('NOT_FOUND');
  });

  it('on private and loopback addresses are refused', async () => {
    const me = caller();
    for (const host of ['127.0.0.1', '10.0.0.8', 'localhost', '169.254.169.254']) {
      const input = { name: 'inside', kind: 'POSTGRESQL', connection: { host, database: 'a', user: 'b' }, credentials: { password: 'c' } };
      await expect(
        world.run(me, 'mutation ($input: CreateSourceInput!) { createSource(input: $input) { id } }', { input }),
      ).rejects.toHaveCode('INVALID_REQUEST');
    }
  });

  it('refuse a write before anything runs, and keep no rows of it', async () => {
    const me = caller();
    const source = await world.bakery(me);
    await expect(execute(me, { sql: 'delete from shops', sourceId: source.id })).rejects.toHaveCode('SQL_REJECTED');
    expect((await execute(me, { sql: 'select count(*) from shops', sourceId: source.id })).rows).toEqual([[12]]);
  });

  it('keep a result for the same plan, data and policy only', async () => {
    const me = caller();
    const source = await world.bakery(me);
    const statement = { sql: 'select town, count(*) from shops group by 1 order by 1', sourceId: source.id };
    expect(await execute(me, statement)).toMatchObject({ cacheHit: false });
    expect(await execute({ ...me, userId: 'colleague' }, statement)).toMatchObject({ cacheHit: true });
    const policies = [{ name: 'towns', entity: 'shop', roles: ['analyst'], filter: 'town = user.town' }];
    await world.run(me, 'mutation ($input: PutSemanticModelInput!) { putSemanticModel(input: $input) { inferred } }', {
      input: { sourceId: source.id, model: { ...source.model, policies } },
    });
    const analyst = { ...me, userId: 'v', roles: ['analyst' as const], attributes: { town: 'Ulm' } };
    expect(await execute(analyst, statement)).toMatchObject({ cacheHit: false, rows: [['Ulm', 4]] });
    expect((await execute({ ...analyst, attributes: { town: 'Bonn' } }, statement)).rows).toEqual([['Bonn', 4]]);
    expect((await execute({ ...analyst, attributes: {} }, statement)).rows).toEqual([]);
  });

  it('stop a query whose caller has gone, and the history says so', async () => {
    const me = caller();
    const source = await world.bakery(me);
    const controller = new AbortController();
    const sql = 'select count(*) from sales a, sales b, sales c, sales d where a.amount * b.amount > c.amount * d.amount';
    const running = execute(me, { sql, sourceId: source.id }, controller.signal).catch((thrown: unknown) => thrown);
    setTimeout(() => controller.abort(), 300);
    expect(await running).toBeInstanceOf(Error);
    const history = await until(async () => {
      const { nodes } = await world.run(me, '{ sqlQueries { nodes { sql status } } }');
      return nodes.length > 0 ? nodes : null;
    });
    expect(history).toEqual([{ sql, status: 'CANCELLED' }]);
  });

  it('answer an approved question first, with another value in its slot', async () => {
    const me = caller();
    const source = await world.bakery(me);
    await world.run(me, 'mutation ($input: CreateVerifiedQueryInput!) { createVerifiedQuery(input: $input) { id } }', {
      input: {
        sourceId: source.id,
        question: 'how busy is Ulm',
        sql: "select count(*) from sales s join shops h on h.id = s.shop_id where h.town = 'Ulm'",
      },
    });
    const ulm = await world.ask(me, { question: 'How busy is Ulm?' });
    const bonn = await world.ask(me, { question: 'how busy is Bonn' });
    expect([ulm.engine, bonn.engine]).toEqual(['VERIFIED', 'VERIFIED']);
    expect(bonn.sql).toContain("h.town = 'Bonn'");
    expect(bonn.schemaTablesUsed.sort()).toEqual(['sales', 'shops']);
  });

  it('are validated in four stages, and transpiled without being run', async () => {
    const me = caller();
    const source = await world.bakery(me);
    const validate = (sql: string) =>
      world.run(me, 'mutation ($input: ValidateSqlInput!) { validateSql(input: $input) { valid errors { type } warnings { type } } }', {
        input: { sql, sourceId: source.id },
      });
    expect((await validate('drop table shops')).errors[0].type).toMatch(/security_violation/i);
    expect((await validate('select from from')).errors[0].type).toMatch(/syntax_error/i);
    expect((await validate('select nothing from shops')).errors[0].type).toMatch(/invalid_column/i);
    expect(await validate('select name from shops limit 5')).toMatchObject({ valid: true, errors: [] });
    const { sql } = await world.run(me, 'mutation ($input: TranspileSqlInput!) { transpileSql(input: $input) { sql warnings } }', {
      input: { sql: "select date_trunc('month', sold_at) from sales", sourceDialect: 'DUCKDB', targetDialect: 'BIGQUERY' },
    });
    expect(sql).toMatch(/TIMESTAMP_TRUNC|DATE_TRUNC/i);
  });
});

describeWith(postgresProgram(), 'a PostgreSQL source', () => {
  let world: SqlWorld;
  let server: TestPostgres;
  beforeAll(async () => {
    [world, server] = await Promise.all([sqlWorld({ allowPrivateHosts: true }), startPostgres()]);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await server.stop();
  });

  it('never gives its credentials back, is refreshed and removed', async () => {
    const me = caller();
    const database = await server.createDatabase();
    const created = await world.run(
      me,
      'mutation ($input: CreateSourceInput!) { createSource(input: $input) { id status connection kind } }',
      {
        input: {
          name: 'books',
          kind: 'POSTGRESQL',
          connection: { host: '127.0.0.1', port: server.port, database, user: 'owner_login' },
          credentials: { password: 'not-to-be-seen' },
        },
      },
    );
    expect(created.status).toBe('READY');
    expect(JSON.stringify(await world.run(me, '{ sources { nodes { id name connection } } }'))).not.toContain('not-to-be-seen');
    await world.run(me, 'mutation ($input: SourceIdInput!) { refreshSource(input: $input) { id } }', { input: { sourceId: created.id } });
    await world.run(me, 'mutation ($input: SourceIdInput!) { deleteSource(input: $input) { id } }', { input: { sourceId: created.id } });
    expect((await world.run(me, '{ sources { nodes { id } } }')).nodes).toEqual([]);
  });
});
