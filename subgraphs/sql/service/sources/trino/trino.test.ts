import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { findAppError } from '#platform/errors';

import { holdTimers } from '../../../../../test/kit/held-timers';
import { until } from '../../../../../test/kit/until';
import { checkSql } from '../../guard';
import { createSandbox, type Sandbox } from '../../sandbox';
import { createOpenSource, type SourceAdapter } from '..';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const columns = [
  { name: 'region', type: 'varchar(20)' },
  { name: 'n', type: 'bigint' },
  { name: 'amount', type: 'decimal(10,2)' },
  { name: 'at', type: 'timestamp(3) with time zone' },
];
const rowsOf = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => [`r${from + i}`, from + i, '10.50', '2024-01-05 10:00:00.000 UTC']);

/** Speaks Trino's client protocol as its documentation describes it: pages behind `nextUri`, errors in the body, DELETE to stop. */
class TrinoStub {
  readonly seen: Seen[] = [];
  busy = 0;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    this.seen.push({ method: request.method!, path: request.url!, headers: request.headers, body });
    const send = (status: number, page: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(page));
    if (request.method === 'DELETE') return void response.writeHead(204).end();
    if (this.busy > 0) {
      this.busy -= 1;
      return send(503, {});
    }
    if (
      request.headers.authorization !== undefined &&
      !Buffer.from(request.headers.authorization.slice(6), 'base64').toString().endsWith(':secret')
    )
      return send(401, {});
    // Another host on purpose: a client must not follow it there.
    const next = (path: string): string => `http://10.1.2.3:9/v1/statement/executing/q1/${path}`;
    if (request.method === 'POST') {
      if (/nothing_like_this/.test(body))
        return send(200, {
          id: 'q1',
          error: { message: "line 1:8: Column 'nothing_like_this' cannot be resolved", errorName: 'COLUMN_NOT_FOUND' },
        });
      if (/too_long/.test(body))
        return send(200, { id: 'q1', error: { message: 'Query exceeded maximum time limit', errorName: 'EXCEEDED_TIME_LIMIT' } });
      return send(200, { id: 'q1', nextUri: next(/endless/.test(body) ? 'endless' : '1') });
    }
    if (request.url!.endsWith('/endless')) return void setTimeout(() => send(200, { id: 'q1', nextUri: next('endless') }), 20);
    if (request.url!.endsWith('/1')) return send(200, { id: 'q1', columns, data: rowsOf(1, 3), nextUri: next('2') });
    if (request.url!.endsWith('/2')) return send(200, { id: 'q1', nextUri: next('3') });
    return send(200, { id: 'q1', columns, data: rowsOf(4, 3) });
  }
}

let stub: TrinoStub;
let sandbox: Sandbox;
let port: number;
let adapter: SourceAdapter;
const limits = { maxRows: 100, maxBytes: 100_000, timeoutMs: 60_000 };
const open = (credentials: Record<string, string> = { password: 'secret' }) =>
  createOpenSource({ sandbox, allowPrivateHosts: true })({
    kind: 'trino',
    connection: { host: '127.0.0.1', port, catalog: 'hive', schema: 'shop', user: 'ada' },
    credentials,
  });

beforeEach(async () => {
  stub = new TrinoStub();
  sandbox = createSandbox({ warm: false });
  port = await stub.listen();
  adapter = open();
});
afterEach(async () => {
  await adapter.close();
  await sandbox.close();
  stub.close();
});

it('collects the pages, and never calls the host that a page names', async () => {
  const { columns: found, rows, truncated } = await adapter.query({ sql: 'SELECT 1', ...limits });
  expect(found.map(({ kind }) => kind)).toEqual(['text', 'integer', 'number', 'timestamp']);
  expect(rows).toHaveLength(6);
  expect(rows[0]).toEqual(['r1', 1, 10.5, '2024-01-05T10:00:00.000Z']);
  expect(truncated).toBe(false);
  expect(stub.seen.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'GET']);
});

it('says who asks, where, and for how long', async () => {
  await adapter.query({ sql: 'SELECT 1', ...limits });
  expect(stub.seen[0]!.headers).toMatchObject({
    'x-trino-user': 'ada',
    'x-trino-catalog': 'hive',
    'x-trino-schema': 'shop',
    'x-trino-session': 'query_max_run_time=60s',
    'x-trino-time-zone': 'UTC',
  });
  expect(stub.seen[0]!.path).toBe('/v1/statement');
});

it('stops at the row cap and tells the server so', async () => {
  const { rows, truncated } = await adapter.query({ sql: 'SELECT 1', ...limits, maxRows: 2 });
  expect([rows.length, truncated]).toEqual([2, true]);
  expect(stub.seen.map(({ method }) => method)).toContain('DELETE');
});

it('ends at the deadline and when cancelled, and tells the server so', async () => {
  const timeoutMs = 54_321;
  using deadlines = holdTimers(timeoutMs);
  const late = expect(adapter.query({ sql: 'SELECT endless', ...limits, timeoutMs })).rejects.toHaveCode('TIMEOUT');
  await until(() => stub.seen.some(({ path }) => path.endsWith('/endless')));
  deadlines.passLast();
  await late;
  await until(() => stub.seen.some(({ method }) => method === 'DELETE'));
  const before = stub.seen.length;
  const controller = new AbortController();
  const running = adapter.query({ sql: 'SELECT endless', ...limits, signal: controller.signal }).catch((thrown: unknown) => thrown);
  await until(() => stub.seen.slice(before).filter(({ method, path }) => method === 'GET' && path.endsWith('/endless')).length > 1);
  controller.abort();
  expect(findAppError(await running)?.details).toEqual({ cancelled: true });
  await until(() => stub.seen.slice(before).some(({ method }) => method === 'DELETE'));
});

it('repeats a call that met a busy server', async () => {
  stub.busy = 2;
  expect((await adapter.query({ sql: 'SELECT 1', ...limits })).rows).toHaveLength(6);
});

it('names what is wrong', async () => {
  await expect(adapter.query({ sql: 'SELECT nothing_like_this', ...limits })).rejects.toThrow(/nothing_like_this/);
  await expect(adapter.query({ sql: 'SELECT too_long', ...limits })).rejects.toHaveCode('TIMEOUT');
  const stranger = open({ password: 'wrong' });
  await expect(stranger.test()).rejects.toHaveCode('INVALID_REQUEST');
  await stranger.close();
});

it('sends what the guard wrote, values as literals', async () => {
  const catalog = {
    dialect: 'trino' as const,
    tables: [
      {
        name: 'orders',
        columns: [
          { name: 'id', declaredType: 'bigint', type: 'integer' as const },
          { name: 'name', declaredType: 'varchar', type: 'text' as const },
        ],
        primaryKey: [],
        foreignKeys: [],
      },
    ],
  };
  const parameters = { who: "O'Hara", least: 3 };
  const check = await checkSql({
    sql: 'select count(*) from orders where name = $who and id > $least',
    dialect: 'trino',
    catalog,
    parameters,
  });
  await adapter.query({ sql: check.normalizedSql, parameters, ...limits });
  expect(stub.seen[0]!.body).toBe(`SELECT COUNT(*) FROM "orders" WHERE ("name" = 'O''Hara') AND ("id" > 3)`);
});
