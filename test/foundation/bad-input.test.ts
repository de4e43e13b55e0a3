import { startServer, type TestServer } from '../kit/server';

describe('bad input at the REST door is answered by its code, and the server goes on', () => {
  let server: TestServer;
  let token: string;
  const post = (route: string, body: unknown, as = token) => server.request('POST', `/api/v1/sql/${route}`, { token: as, body });

  beforeAll(async () => {
    server = await startServer();
    token = server.token('acme');
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    expect((await server.request('GET', '/health/ready')).status).toBe(200);
  });

  const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${segment({ alg: 'none', typ: 'JWT' })}.${segment({ tenant_id: 'acme', user_id: 'x', exp: 9_999_999_999 })}.`;

  it.each([
    ['no token', () => undefined],
    ['a forged token', () => `${token.slice(0, -4)}AAAA`],
    ['an expired token', () => server.token('acme', { lifetimeSeconds: -3_600 })],
    ['an unsigned token', () => unsigned],
  ])('%s: 401', async (_name, make) => {
    const { status, body } = await server.request('POST', '/api/v1/sql/ask', {
      token: make(),
      body: { question: 'How many flights were there?' },
    });
    expect(status).toBe(401);
    expect(body).toMatchObject({ success: false, data: null, errors: [{ code: 'UNAUTHORIZED' }] });
  });

  it("another tenant's session: 404, as one that does not exist", async () => {
    const theirs = server.token('globex', { userId: 'eve' });
    const made = await server.request('POST', '/api/v1/bi/chat/sessions', { token: theirs, body: { title: 'theirs' } });
    const [foreign, unknown] = await Promise.all(
      [made.body.data.session_id, 'sess-unknown'].map((id) => server.request('GET', `/api/v1/bi/chat/sessions/${id}`, { token })),
    );
    expect(foreign!.status).toBe(404);
    expect(foreign!.body.errors[0]).toMatchObject({ code: 'NOT_FOUND', message: unknown!.body.errors[0].message });
  });

  it("another tenant's name in the body: 403; the own one is accepted", async () => {
    expect((await post('generate', { question: 'How many flights were there?', tenant_id: 'globex' })).status).toBe(403);
    expect((await post('generate', { question: 'How many flights were there?', tenant_id: 'acme' })).status).toBe(200);
  });

  it('an unknown field: 400 with the nearest known name', async () => {
    const { status, body } = await post('generate', { quesiton: 'How many flights were there?' });
    expect(status).toBe(400);
    expect(JSON.stringify(body.errors)).toMatch(/question/);
  });

  it.each([
    ['a missing question', {}],
    ['an empty question', { question: '  ' }],
    ['a question of 3,000 characters', { question: 'why '.repeat(750) }],
    ['a number of retries out of range', { question: 'How many flights were there?', max_retries: 9 }],
  ])('%s: 400', async (_name, body) => {
    const answer = await post('generate', body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].code).toBe('INVALID_REQUEST');
  });

  it('a body of ten megabytes: 413', async () => {
    const { status, body } = await post('generate', { question: 'x'.repeat(10_000_000) });
    expect(status).toBe(413);
    expect(body.errors[0].code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('an unknown source: 404', async () => {
    expect((await post('ask', { question: 'How many flights were there?', source_id: 'src-none' })).status).toBe(404);
  });

  it.each([
    ['SQL that writes', 'delete from customers'],
    ['two statements', 'select 1; select 2'],
    ['a write inside a common table expression', 'with gone as (delete from customers returning *) select * from gone'],
    ['a file of the machine', "select * from read_csv('/etc/passwd')"],
    ['the catalog', 'select * from duckdb_settings()'],
  ])('%s: 422, and nothing has run', async (_name, sql) => {
    const { status, body } = await post('execute', { sql, source_id: 'shop' });
    expect(status).toBe(422);
    expect(body.errors[0].code).toBe('SQL_REJECTED');
  });

  it('a query that never ends: 504 at its deadline', async () => {
    const sql = 'select count(*) from order_items a, order_items b, order_items c where a.quantity + b.quantity + c.quantity > 1000000';
    const { status, body } = await post('execute', { sql, source_id: 'shop', timeout_seconds: 1 });
    expect(status).toBe(504);
    expect(body.errors[0].code).toBe('TIMEOUT');
  });

  it('a query that eats memory is refused or contained', async () => {
    const { status, body } = await post('execute', { sql: "select repeat('x', 2000000000)", source_id: 'shop', timeout_seconds: 10 });
    expect([422, 504]).toContain(status);
    expect(['SQL_REJECTED', 'QUERY_FAILED', 'TIMEOUT']).toContain(body.errors[0].code);
  });

  it('a question that nobody can answer: no SQL, and what was not understood', async () => {
    const { status, body } = await post('ask', { question: 'how happy are the penguins?' });
    expect(status).toBe(200);
    expect(body.data.sql).toBeNull();
    expect(body.data.clarification.not_understood).toContain('penguins');
  });

  it('query parameters on a write: 400', async () => {
    expect(
      (await server.request('POST', '/api/v1/sql/generate?question=x', { token, body: { question: 'How many flights were there?' } }))
        .status,
    ).toBe(400);
  });

  it('a method that the route does not have: 405 with Allow', async () => {
    const { status, headers } = await server.request('GET', '/api/v1/sql/generate', { token });
    expect(status).toBe(405);
    expect(headers.get('allow')).toContain('POST');
  });
});
