import { randomUUID } from 'node:crypto';

import { createMemoryRateLimiter } from '#platform/limits';

import { until } from '../kit/until';
import { restWorld, tokenOf, type RestWorld } from './kit/world';

/** Milliseconds since 1970, at which the clock of the quota stands still: no minute passes, however long the requests take. */
const now = Date.parse('2026-03-01T12:00:00.250Z');
const limiter = createMemoryRateLimiter({ now: () => now });

let w: RestWorld;
beforeAll(async () => {
  w = await restWorld({ limiter });
});
afterAll(async () => {
  await w[Symbol.asyncDispose]();
  await limiter.close();
});

describe('the request quota', () => {
  it.each([
    ['free', 60],
    ['standard', 300],
  ])('of tier %s lets exactly %i requests pass in parallel, and says when to come back', async (tier, quota) => {
    const token = tokenOf({ tenant_id: randomUUID(), tier });
    const answers = await Promise.all(Array.from({ length: quota + 5 }, () => w.send('/sql/suggestions?limit=1', { token })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(quota);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    const { headers, body } = refused[0]!;
    expect(body.errors[0]).toMatchObject({ code: 'RATE_LIMITED', details: { limit: quota } });
    expect(headers.get('retry-after')).toBe('60');
    expect(headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
    expect(headers.get('ratelimit-policy')).toBe(`"default";q=${quota};w=60`);
    expect(headers.get('x-ratelimit-limit')).toBe(String(quota));
  });

  it('is counted down in the headers of every answer, failures included', async () => {
    const token = tokenOf({ tenant_id: randomUUID(), tier: 'free' });
    const remaining = [];
    for (const path of ['/sql/suggestions', '/nothing', '/bi/dashboards/none', '/sql/suggestions?x=1']) {
      const { headers } = await w.send(path, { token });
      remaining.push(headers.get('x-ratelimit-remaining'));
      expect(headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(now / 1000 + 60)));
    }
    expect(remaining).toEqual(['59', '58', '57', '56']);
  });

  it('of one tenant is not spent by another', async () => {
    const [noisy, quiet] = [tokenOf({ tenant_id: randomUUID(), tier: 'free' }), tokenOf({ tenant_id: randomUUID(), tier: 'free' })];
    await Promise.all(Array.from({ length: 70 }, () => w.send('/sql/suggestions', { token: noisy })));
    expect((await w.send('/sql/suggestions', { token: quiet })).headers.get('x-ratelimit-remaining')).toBe('59');
  });
});

describe('an idempotency key', () => {
  const create = (key: string, body: unknown = { name: 'once' }, more: { token?: string; headers?: Record<string, string> } = {}) =>
    w.send('/bi/dashboards', {
      method: 'POST',
      body,
      headers: { 'idempotency-key': key, ...more.headers },
      ...(more.token ? { token: more.token } : {}),
    });
  const made = (name: string) => w.boards.filter((board) => board.name === name).length;

  it('used 50 times in parallel has one effect, and afterwards all replay the identical body', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(key, { name: key })));
    expect(made(key)).toBe(1);
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
    for (const { status, body } of answers) expect(status === 201 || (status === 409 && body.errors[0].code === 'CONFLICT')).toBe(true);
    const later = await Promise.all([create(key, { name: key }), create(key, { name: key })]);
    expect(new Set(later.map(({ text }) => text)).size).toBe(1);
    expect(later.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [201, 'true'],
      [201, 'true'],
    ]);
  });

  it('does not care about the order of the fields, nor which of its two names is used', async () => {
    const key = randomUUID();
    await create(key, { name: key, tags: [] });
    const { headers } = await w.send('/bi/dashboards', {
      method: 'POST',
      body: { tags: [], name: key },
      headers: { 'x-idempotency-key': key },
    });
    expect(headers.get('idempotency-replayed')).toBe('true');
  });

  it('used with another body is 422, and with another tenant independent', async () => {
    const key = randomUUID();
    await create(key, { name: key });
    const reused = await create(key, { name: 'another' });
    expect([reused.status, reused.body.errors[0].code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect((await create(key, { name: key }, { token: tokenOf({ tenant_id: 'globex' }) })).headers.get('idempotency-replayed')).toBeNull();
  });

  it('is not used up by a request that was refused', async () => {
    const key = randomUUID();
    expect((await create(key, { nam: 'x' })).status).toBe(400);
    expect((await create(key, { name: '' })).status).toBe(400);
    expect((await create(key, { name: key })).status).toBe(201);
  });

  it.each([
    ['llm_unavailable', 2],
    ['internal_error', 1],
    ['query_failed', 1],
  ])('after %s runs %i times in two requests', async (kind, runs) => {
    const before = w.calls.get('fail') ?? 0;
    const headers = { 'idempotency-key': randomUUID() };
    for (let round = 0; round < 2; round += 1) await w.send('/test/fail', { method: 'POST', body: { kind }, headers });
    expect((w.calls.get('fail') ?? 0) - before).toBe(runs);
  });

  it('of a running request is 409, and the request ends even where its client has left', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const before = w.calls.get('slow') ?? 0;
    const leaving = new AbortController();
    const left = fetch(`${w.url}/api/v1/test/slow`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${tokenOf()}` },
      signal: leaving.signal,
    }).catch(() => 'left');
    await until(() => (w.calls.get('slow') ?? 0) > before);
    const twin = await w.send('/test/slow', { method: 'POST', headers });
    expect([twin.status, twin.headers.get('retry-after')]).toEqual([409, '1']);
    leaving.abort();
    expect(await left).toBe('left');
    w.release();
    const again = await until(
      async () => {
        const answer = await w.send('/test/slow', { method: 'POST', headers });
        return answer.status === 200 ? answer : undefined;
      },
      // Each attempt is one of the thousand requests of the quota.
      { everyMs: 200 },
    );
    expect([again.body.data, w.calls.get('slow')! - before]).toEqual([{ text: 'done' }, 1]);
  });

  it.each([['x'.repeat(256)], ['with space'], ['']])('that is malformed is 400: %j', async (key) => {
    const { status } = await w.send('/bi/dashboards', { method: 'POST', body: { name: 'x' }, headers: { 'idempotency-key': key } });
    expect(status).toBe(400);
  });
});

it('a client that leaves aborts its request', async () => {
  const before = w.calls.get('slow') ?? 0;
  const leaving = new AbortController();
  const left = fetch(`${w.url}/api/v1/test/slow`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokenOf()}` },
    signal: leaving.signal,
  }).catch(() => 'left');
  await until(() => (w.calls.get('slow') ?? 0) > before);
  expect(w.seen.context!.signal.aborted).toBe(false);
  leaving.abort();
  await left;
  await until(() => w.seen.context!.signal.aborted);
  w.release();
});
