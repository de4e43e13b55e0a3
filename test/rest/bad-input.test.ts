import { request } from 'node:http';

import { catalogue, type ErrorCode } from '#platform/errors';

import { restWorld, tokenOf, type RestWorld } from './kit/world';

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld({ maxBodyBytes: 20_000 });
});
afterAll(() => w[Symbol.asyncDispose]());

const generate = (body: unknown, more = {}) => w.send('/sql/generate', { method: 'POST', body, ...more });
const first = async (answer: ReturnType<typeof generate>) => {
  const { status, body } = await answer;
  return { status, ...body.errors[0] };
};

describe('every failure', () => {
  it.each(Object.keys(catalogue).filter((code) => !['METHOD_NOT_ALLOWED', 'NOT_ACCEPTABLE', 'UNSUPPORTED_MEDIA_TYPE'].includes(code)))(
    'of the graph with code %s has its status, one content type and a whole envelope',
    async (code) => {
      const { status, headers, body } = await w.send('/test/fail', { method: 'POST', body: { kind: code.toLowerCase() } });
      expect(status).toBe(catalogue[code as ErrorCode].status);
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(body).toEqual({
        success: false,
        data: null,
        errors: [{ code, message: expect.any(String), request_id: headers.get('x-request-id') }],
        warnings: [],
        execution_time_ms: expect.any(Number),
      });
      expect(headers.get('retry-after') !== null).toBe([409, 429, 503].includes(status));
    },
  );

  it('outside the catalogue is masked', async () => {
    const { status, text } = await w.send('/test/fail', { method: 'POST', body: { kind: 'secret' } });
    expect(status).toBe(500);
    expect(text).not.toMatch(/password|db\.internal|5432|\.ts:|node_modules/);
    expect(JSON.parse(text).errors[0]).toMatchObject({ code: 'INTERNAL_ERROR', message: 'Something went wrong on our side.' });
  });

  it('of a service names the field as the client sent it', async () => {
    const { body } = await w.send('/bi/dashboards', { method: 'POST', body: { name: '' } });
    expect(body.errors[0]).toMatchObject({ code: 'INVALID_REQUEST', field: 'body.name', details: { max_length: 100 } });
  });
});

describe('identity', () => {
  it.each([
    ['no token', null],
    ['nonsense', 'nonsense'],
    ['an expired token', () => tokenOf({ exp: 1_000_000_000 })],
    [
      'alg none',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"tenant_id":"acme","user_id":"ada","exp":9999999999}').toString('base64url')}.`,
    ],
    ['a token without a tenant', () => tokenOf({ tenant_id: undefined })],
  ])('%s is 401 UNAUTHORIZED, and nothing runs', async (_, token) => {
    const before = w.calls.get('generateSql') ?? 0;
    const { status, headers, body } = await generate({ question: 'q' }, { token: typeof token === 'function' ? token() : token });
    expect([status, body.errors[0].code, headers.get('www-authenticate')]).toEqual([401, 'UNAUTHORIZED', 'Bearer']);
    expect(w.calls.get('generateSql') ?? 0).toBe(before);
  });

  it('does not look at a token in the query string', async () => {
    expect((await w.send(`/bi/dashboards?access_token=${tokenOf()}`, { token: null })).status).toBe(401);
  });

  it('accepts the tenant and user of the token in body and query, and drops them', async () => {
    expect((await generate({ question: 'q', tenant_id: 'acme', user_id: 'ada' })).status).toBe(200);
    expect(w.seen.input).toEqual({ question: 'q' });
    expect((await w.send('/bi/dashboards?tenant_id=acme&user_id=ada')).status).toBe(200);
    expect((await w.send('/sql/generate?tenant_id=acme', { method: 'POST', body: { question: 'q' } })).status).toBe(200);
  });

  it.each([
    ['tenant_id', 'globex'],
    ['user_id', 'bob'],
    ['tenant_id', ['acme']],
  ])('refuses another %s with 403', async (key, value) => {
    expect(await first(generate({ question: 'q', [key]: value }))).toMatchObject({ status: 403, code: 'FORBIDDEN', field: key });
    if (typeof value === 'string') expect((await w.send(`/bi/dashboards?${key}=${value}`)).status).toBe(403);
  });
});

describe('addresses', () => {
  it('that do not exist are 404 in the envelope', async () => {
    const { status, body } = await w.send('/nothing/here');
    expect([status, body.success, body.errors[0].code]).toEqual([404, false, 'NOT_FOUND']);
  });

  it('with the wrong method are 405 with Allow', async () => {
    const { status, headers, body } = await w.send('/sql/generate', { method: 'DELETE' });
    expect([status, headers.get('allow'), body.errors[0].code]).toEqual([405, 'POST', 'METHOD_NOT_ALLOWED']);
    expect((await w.send('/bi/dashboards', { method: 'OPTIONS' })).headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
  });

  it('of SOFA webhooks do not exist', async () => {
    for (const path of ['/api/v1/webhook', '/api/v1/webhook/1', '/webhook', '/webhook/1']) {
      const { status } = await w.send(path, { method: 'POST', body: { subscription: 'x', url: 'http://169.254.169.254/' } });
      expect(status).toBe(404);
    }
  });

  it('answer HEAD like GET, without the body', async () => {
    const { status, headers, text } = await w.send('/bi/dashboards', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
  });
});

describe('bodies', () => {
  it('must be JSON by name and by content', async () => {
    expect(await first(generate('question=q', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }))).toMatchObject({
      status: 415,
      code: 'UNSUPPORTED_MEDIA_TYPE',
    });
    expect(await first(generate('{"question":', {}))).toMatchObject({ status: 400, field: 'body' });
    for (const body of ['[]', '"text"', 'null', '3']) expect(await first(generate(body))).toMatchObject({ status: 400, field: 'body' });
    expect(await first(generate(new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])))).toMatchObject({ status: 400 });
    expect(await first(generate('{}', { headers: { 'content-encoding': 'gzip' } }))).toMatchObject({ status: 415 });
  });

  it('past the limit are 413, announced or not, and the server goes on', async () => {
    const question = 'x'.repeat(20_001);
    expect(await first(generate({ question }))).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE', details: { maximum: 20_000 } });
    const status = await new Promise<number>((resolve, reject) => {
      const req = request(`${w.url}/api/v1/sql/generate`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokenOf()}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
      });
      req.on('response', (response) => resolve(response.statusCode ?? 0)).on('error', reject);
      for (let index = 0; index < 30; index += 1) req.write('x'.repeat(1_000));
      req.end();
    });
    expect(status).toBe(413);
    expect((await generate({ question: 'q' })).status).toBe(200);
  });

  it('must hold what is required', async () => {
    expect(await first(generate({}))).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      field: 'body.question',
      message: 'body.question is not valid: it is required.',
    });
    expect(await first(generate(undefined))).toMatchObject({ status: 400, field: 'body.question' });
    expect(await first(generate({ question: null }))).toMatchObject({ status: 400, field: 'body.question' });
  });

  it('must not hold what is unknown, and hear the nearest name', async () => {
    expect(await first(generate({ question: 'q', max_retrys: 3 }))).toMatchObject({
      status: 400,
      field: 'body.max_retrys',
      details: { nearest: 'max_retries' },
      message: expect.stringContaining('"max_retries"'),
    });
    for (const body of ['{"question":"q","__proto__":{"x":1}}', '{"question":"q","constructor":1}', '{"question":"q","owner_id":"x"}']) {
      expect((await generate(body)).status).toBe(400);
    }
  });

  it('hear everything that is wrong at once, each with its place', async () => {
    const filters = [
      { field_name: 'a', operator: 'less_than' },
      { field_name: 7, operator: 'lessthan', range: { min: 'low', max_: 2 } },
    ];
    const { body } = await w.send('/bi/dashboards', {
      method: 'POST',
      body: { name: 'x', visibility: 'secret', starts_at: 'soon', filters },
    });
    expect(body.errors.map(({ field }: any) => field).sort()).toEqual([
      'body.filters[1].field_name',
      'body.filters[1].operator',
      'body.filters[1].range.max_',
      'body.filters[1].range.min',
      'body.starts_at',
      'body.visibility',
    ]);
    expect(body.errors.find(({ field }: any) => field.endsWith('operator')).message).toContain('did you mean "less_than"');
  });

  it.each([
    [{ question: 7 }, 'body.question'],
    [{ question: 'q', max_retries: '3' }, 'body.max_retries'],
    [{ question: 'q', max_retries: 1.5 }, 'body.max_retries'],
    [{ question: 'q', max_retries: 3e9 }, 'body.max_retries'],
    [{ question: 'q', source_id: {} }, 'body.source_id'],
    [{ question: 'q', schema_context: [1] }, 'body.schema_context[0]'],
  ])('of the wrong type are refused: %j', async (body, field) => {
    expect(await first(generate(body))).toMatchObject({ status: 400, code: 'INVALID_REQUEST', field });
  });

  it('nested without end are refused', async () => {
    const settings = JSON.parse('[['.repeat(2_000) + ']]'.repeat(2_000));
    const { status, body } = await w.send('/bi/dashboards', { method: 'POST', body: { name: 'x', settings } });
    expect([status, body.errors[0].field]).toEqual([400, 'body.settings']);
  });

  it('may give one value for a list of one', async () => {
    expect((await generate({ question: 'q', schema_context: 'orders' })).status).toBe(200);
    expect(w.seen.input).toEqual({ question: 'q', schemaContext: ['orders'] });
  });
});

describe('queries', () => {
  it('on a write are refused, whether they repeat a field or not', async () => {
    const repeated = await w.send('/sql/generate?question=other', { method: 'POST', body: { question: 'q' } });
    expect([repeated.status, repeated.body.errors[0].field]).toEqual([400, 'query.question']);
    expect((await w.send('/sql/generate?debug=1', { method: 'POST', body: { question: 'q' } })).status).toBe(400);
  });

  it('with an unknown name are refused, and hear the nearest', async () => {
    const { status, body } = await w.send('/bi/dashboards?limt=3');
    expect([status, body.errors[0].field, body.errors[0].details.nearest]).toEqual([400, 'query.limt', 'limit']);
  });

  it('of the wrong type are refused', async () => {
    for (const query of ['limit=2&limit=3', 'visibility=SECRET', 'filter=x', 'filter[range][min]=a'])
      expect((await w.send(`/bi/dashboards?${query}`)).status).toBe(400);
    for (const query of ['exact=yes', 'limit=', 'limit=1e99']) expect((await w.send(`/sql/suggestions?${query}`)).status).toBe(400);
  });

  it('spelled to exhaust the parser are refused', async () => {
    const many = Array.from({ length: 300 }, (_, index) => `a${index}=1`).join('&');
    const deep = `filter${'[a]'.repeat(20)}=1`;
    for (const query of [many, deep]) expect((await w.send(`/bi/dashboards?${query}`)).status).toBe(400);
  });
});

describe('Accept', () => {
  it('that rules out JSON is 406', async () => {
    const { status, body } = await w.send('/bi/dashboards', { headers: { accept: 'text/html, application/json;q=0' } });
    expect([status, body.errors[0].code]).toEqual([406, 'NOT_ACCEPTABLE']);
    for (const accept of ['application/*', '*/*', 'text/html, */*;q=0.1'])
      expect((await w.send('/bi/dashboards', { headers: { accept } })).status).toBe(200);
  });
});
