import { restWorld, tokenOf, type RestWorld } from './kit/world';

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld();
});
afterAll(() => w[Symbol.asyncDispose]());

const create = async (body: Record<string, unknown> = { name: 'Sales' }, claims = {}) =>
  (await w.send('/bi/dashboards', { method: 'POST', body, token: tokenOf(claims) })).body.data;

describe('answers', () => {
  it('are wrapped in the envelope, in snake_case, with enum values in lower case', async () => {
    const { status, body } = await w.send('/bi/dashboards', { method: 'POST', body: { name: 'Sales', visibility: 'tenant', tags: ['a'] } });
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      data: {
        id: expect.any(String),
        name: 'Sales',
        visibility: 'tenant',
        tags: ['a'],
        version: 1,
        created_at: '2026-01-01T00:00:00.000Z',
        widgets: [
          {
            id: 'wdg-1',
            title: 'First of Sales',
            settings: { x_axis: 'month', show_legend: true, nested: { depth_one: 1 } },
            dashboard: { id: expect.any(String) },
          },
        ],
        source: { id: 'src-1' },
        forecast: 7,
        label: null,
      },
      errors: [],
      warnings: [],
      execution_time_ms: expect.any(Number),
    });
    expect(w.seen.input).toMatchObject({ visibility: 'TENANT' });
  });

  it('never pull in another subgraph, a field that takes arguments, or one that is costly', async () => {
    const { id } = await create();
    const { body } = await w.send(`/bi/dashboards/${id}`);
    expect(Object.keys(body.data)).not.toEqual(expect.arrayContaining(['related_conversations']));
    expect(body.data).not.toHaveProperty('rows_of');
    expect(body.data).not.toHaveProperty('preview');
    expect(body.data).not.toHaveProperty('analysis');
    expect(w.calls.get('relatedConversations')).toBeUndefined();
  });

  it('name the type of each member of a union, even where one name has two types', async () => {
    const { body } = await w.send('/search/all?q=x');
    expect(body.data.entities).toMatchObject([
      { object: 'dashboard', id: 'dash-9', name: 'x', visibility: 'tenant' },
      { object: 'note', id: 'note-1', name: 42, text: 'a note' },
    ]);
  });

  it('only name a thing that an item of a list points at', async () => {
    const { body } = await w.send('/search/all?q=x');
    expect(body.data.results.map(({ entity }: any) => entity)).toEqual([
      { object: 'dashboard', id: 'dash-9' },
      { object: 'note', id: 'note-1', name: 42, text: 'a note' },
      null,
    ]);
  });

  it('keep what succeeded where a part failed: 200 with data and errors', async () => {
    const { id } = await create({ name: 'broken' });
    const { status, body } = await w.send(`/bi/dashboards/${id}`);
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ name: 'broken', forecast: null });
    expect(body.errors).toEqual([{ code: 'SERVICE_UNAVAILABLE', message: expect.any(String), request_id: expect.any(String) }]);
    expect(body.warnings).toHaveLength(1);
  });

  it('carry the id of the request, given or made, into the graph and back', async () => {
    const given = await w.send('/sql/generate', {
      method: 'POST',
      body: { question: 'q' },
      headers: { 'x-request-id': 'mine-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    });
    expect(given.headers.get('x-request-id')).toBe('mine-1');
    expect(w.seen.context).toMatchObject({
      requestId: 'mine-1',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      caller: { tenantId: 'acme', userId: 'ada' },
    });
    const made = await w.send('/sql/generate', {
      method: 'POST',
      body: { question: 'q' },
      headers: { 'x-request-id': 'has spaces and "quotes"' },
    });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('single things', () => {
  it('that do not exist are 404 NOT_FOUND', async () => {
    const { status, body } = await w.send('/bi/dashboards/dash-none');
    expect(status).toBe(404);
    expect(body).toMatchObject({ success: false, data: null, errors: [{ code: 'NOT_FOUND', message: 'No such dashboard.' }] });
  });

  it('of another tenant are 404, exactly as those that do not exist', async () => {
    const { id } = await create({ name: 'theirs' }, { tenant_id: 'globex' });
    const theirs = await w.send(`/bi/dashboards/${id}`);
    const nobodys = await w.send('/bi/dashboards/dash-none');
    const bare = ({ body }: typeof theirs) => ({
      ...body,
      errors: body.errors.map(({ request_id, ...rest }: any) => rest),
      execution_time_ms: 0,
    });
    expect(theirs.status).toBe(404);
    expect(bare(theirs)).toEqual(bare(nobodys));
  });

  it('may be null where the route says so', async () => {
    const { status, body } = await w.send('/bi/dashboards/current');
    expect([status, body.success, body.data]).toEqual([200, true, null]);
  });
});

describe('lists', () => {
  it('are pages with a cursor, 20 items unless asked otherwise', async () => {
    const token = tokenOf({ tenant_id: 'lists' });
    for (let index = 0; index < 23; index += 1) await w.send('/bi/dashboards', { method: 'POST', body: { name: `n${index}` }, token });
    const first = (await w.send('/bi/dashboards', { token })).body.data;
    expect([first.items.length, first.has_more, first.total]).toEqual([20, true, 23]);
    const second = (await w.send(`/bi/dashboards?cursor=${first.next_cursor}`, { token })).body.data;
    expect([second.items.length, second.has_more, second.next_cursor]).toEqual([3, false, null]);
    const third = (await w.send('/bi/dashboards?limit=2&offset=4', { token })).body.data;
    expect(third.items.map(({ name }: any) => name)).toEqual(['n4', 'n5']);
  });

  it.each(['limit=101', 'limit=0', 'limit=-1', 'limit=ten', 'limit=1.5', 'offset=-1'])('refuse %s', async (query) => {
    const { status, body } = await w.send(`/bi/dashboards?${query}`);
    expect(status).toBe(400);
    expect(body.errors[0]).toMatchObject({ code: 'INVALID_REQUEST', field: expect.stringMatching(/^query\.(limit|offset)$/) });
  });

  it('take repeated parameters, brackets and JSON, each coerced by its type', async () => {
    await w.send('/bi/dashboards?tag=a&tag=b,c&visibility=tenant&filter[field_name]=x&filter[operator]=less_than&filter[range][min]=1.5');
    expect(w.seen.input).toMatchObject({
      tag: ['a', 'b,c'],
      visibility: 'TENANT',
      filter: { fieldName: 'x', operator: 'LESS_THAN', range: { min: 1.5 } },
    });
    await w.send(`/bi/dashboards?tag=one&filter=${encodeURIComponent('{"field_name":"x","operator":"equals"}')}`);
    expect(w.seen.input).toMatchObject({ tag: ['one'], filter: { fieldName: 'x', operator: 'EQUALS' } });
    await w.send('/sql/suggestions?limit=3&exact=true');
    expect(w.seen.input).toMatchObject({ limit: 3, exact: true });
  });
});

describe('writes', () => {
  it('take path and body, and a repeated path value only where it is the same', async () => {
    const { id } = await create();
    const same = await w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name: 'New', dashboard_id: id }, isLenient: true });
    expect([same.status, same.body.data.name]).toEqual([200, 'New']);
    const other = await w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name: 'New', dashboard_id: 'dash-x' } });
    expect([other.status, other.body.errors[0].field]).toEqual([400, 'body.dashboard_id']);
  });

  it('take the parameters of a DELETE from its query', async () => {
    const { id } = await create();
    const { body } = await w.send(`/bi/dashboards/${id}?permanently=true`, { method: 'DELETE' });
    expect(body.data).toEqual({ id, deleted: true });
    expect(w.seen.input).toEqual({ dashboardId: id, permanently: true });
  });
});

describe('conditional requests', () => {
  it('answer 304 to the ETag of the last read, and a new one after a change', async () => {
    const { id } = await create();
    const first = await w.send(`/bi/dashboards/${id}`);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^W\/"1\.[\w-]+"$/);
    const again = await w.send(`/bi/dashboards/${id}`, { headers: { 'if-none-match': `"x", ${etag}` } });
    expect([again.status, again.text]).toEqual([304, '']);
    await w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name: 'Changed' } });
    expect((await w.send(`/bi/dashboards/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('let one of two writers with the same If-Match win, and tell the other', async () => {
    const { id } = await create();
    const etag = (await w.send(`/bi/dashboards/${id}`)).headers.get('etag')!;
    const rename = (name: string) => w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name }, headers: { 'if-match': etag } });
    const statuses = (await Promise.all([rename('a'), rename('b')])).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 412]);
  });

  it('refuse an If-Match that cannot be compared', async () => {
    const { id } = await create();
    const nonsense = await w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name: 'x' }, headers: { 'if-match': '"zzz"' } });
    const nowhere = await w.send('/bi/dashboards', { method: 'POST', body: { name: 'x' }, headers: { 'if-match': '"1"' } });
    expect([nonsense.status, nowhere.status]).toEqual([400, 400]);
    const any = await w.send(`/bi/dashboards/${id}`, { method: 'PATCH', body: { name: 'x' }, headers: { 'if-match': '*' } });
    expect(any.status).toBe(200);
  });
});

describe('versions', () => {
  it('are served side by side from one schema, the new one without what is deprecated', async () => {
    const { id } = await create();
    expect((await w.send(`/api/v1/bi/dashboards/${id}`)).body.data).toHaveProperty('label');
    expect((await w.send(`/api/v2/bi/dashboards/${id}`)).body.data).not.toHaveProperty('label');
    expect((await w.send('/api/v2/bi/boards')).status).toBe(200);
    expect((await w.send('/api/v1/bi/boards')).status).toBe(404);
    const missing = await w.send('/api/v9/bi/boards');
    expect([missing.status, missing.body.errors[0].message]).toEqual([404, 'No such API version; served are v1, v2.']);
  });

  it('announce the end of a deprecated route, and its successor', async () => {
    const { headers } = await w.send('/search/old?q=x');
    expect(headers.get('deprecation')).toBe(`@${Date.parse('2026-03-01T00:00:00Z') / 1000}`);
    expect(headers.get('sunset')).toBe('Mon, 01 Mar 2027 00:00:00 GMT');
    expect(headers.get('link')).toBe('</api/v1/search/all>; rel="successor-version"');
  });

  it('announce the end of a whole version, on failures too', async () => {
    await using ending = await restWorld({
      versions: [{ name: 'v1', deprecated: { since: '2026-05-01', successor: 'v2' } }, { name: 'v2' }],
    });
    const { status, headers } = await ending.send('/bi/dashboards/dash-1');
    expect(status).toBe(404);
    expect(headers.get('deprecation')).toBe('@1777593600');
    expect(headers.get('link')).toBe('</api/v2/bi/dashboards/dash-1>; rel="successor-version"');
    expect((await ending.send('/api/v2/bi/dashboards/dash-1')).headers.get('deprecation')).toBeNull();
  });

  it('warn about a deprecated field of a request', async () => {
    const { body } = await w.send('/bi/dashboards', { method: 'POST', body: { name: 'x', title: 'y' } });
    expect(body.warnings).toEqual(['title is deprecated: Use name; since 2026-02-01.']);
  });
});

describe('files', () => {
  it('come as their bytes, with their type and name, unable to run scripts', async () => {
    const { status, headers, text } = await w.send('/bi/widgets/wdg-1/chart.svg');
    expect([status, text, headers.get('content-type')]).toEqual([200, '<svg/>', 'image/svg+xml']);
    expect(headers.get('content-disposition')).toBe(`inline; filename="_berblick.svg"; filename*=UTF-8''%C3%9Cberblick.svg`);
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect((await w.send('/bi/widgets/wdg-1/chart.gif')).body.errors[0]).toMatchObject({ code: 'INVALID_REQUEST', field: 'path.format' });
    expect((await w.send('/bi/widgets/none/chart.svg')).status).toBe(404);
  });

  it('are uploaded as a form, whose fields are read by their types', async () => {
    const form = new FormData();
    form.set('name', '2024');
    form.set('rows', '2');
    form.set('file', new Blob(['a,b\n1,2\n'], { type: 'text/csv' }), '../../etc/orders.csv');
    const { status, body } = await w.send('/sql/sources/upload', { method: 'POST', body: form });
    expect([status, body.data]).toEqual([201, { filename: 'orders.csv', bytes: 8, name: '2024', rows: 2 }]);
  });

  it('are uploaded as JSON', async () => {
    const { body } = await w.send('/sql/sources/upload', {
      method: 'POST',
      body: { name: 'n', filename: 'a.csv', content_base64: 'eA==' },
    });
    expect(body.data).toMatchObject({ filename: 'a.csv', bytes: 1 });
  });

  it('that are missing, doubled or too large are refused', async () => {
    await using small = await restWorld({ maxUploadBytes: 1_000 });
    const form = (...sizes: number[]) => {
      const body = new FormData();
      body.set('name', 'n');
      sizes.forEach((size, index) => body.append(index === 0 ? 'file' : 'other', new Blob(['x'.repeat(size)]), 'f.csv'));
      return small.send('/sql/sources/upload', { method: 'POST', body });
    };
    expect((await form()).body.errors[0]).toMatchObject({ code: 'INVALID_REQUEST', field: 'body.filename' });
    expect((await form(10, 10)).status).toBe(400);
    expect((await form(1_001)).body.errors[0]).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', details: { maximum: 1_000 } });
    expect((await form(1_000)).status).toBe(201);
  });
});
