import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { runServer, startServer, type TestServer } from '../kit/server';

const withoutDemo = { DEMO_DATA: 'false' };

/** Runs a start that must fail and gives its exit code and what it said. */
async function failedStart(options: Parameters<typeof runServer>[0]): Promise<{ code: number | null; said: string }> {
  const child = runServer(options);
  let said = '';
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stdout!.resume();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said: said.trim() };
}

const fresh = (): string => mkdtempSync(path.join(tmpdir(), 'parley-start-'));

describe('starting with nothing configured', () => {
  const dataDirectory = fresh();
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ dataDirectory, environment: withoutDemo });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('prints the addresses, a token and a question to paste', async () => {
    expect(server.output()).toMatch(/GraphQL .*\/graphql/);
    expect(server.output()).toMatch(/export PARLEY_TOKEN=ey/);
    expect(server.output()).toMatch(/curl -s http.*\/api\/v1\/sql\/ask/);
    const token = /PARLEY_TOKEN=(\S+)/.exec(server.output())![1]!;
    expect((await server.request('GET', '/api/v1/sql/sources', { token })).status).toBe(200);
    expect((await server.request('GET', '/health/ready')).body).toMatchObject({ status: 'ready' });
  });

  it('keeps the data directory: another process says in one sentence that it is in use and exits non-zero', async () => {
    const { code, said } = await failedStart({ dataDirectory, environment: withoutDemo });
    expect(code).toBe(1);
    expect(said).toMatch(/^The data directory .* is in use by process \d+.*$/);
    expect((await server.request('GET', '/health/live')).status).toBe(200);
  });

  it('drains at Ctrl-C and exits 0, and tokens are valid over the restart', async () => {
    const token = server.token('acme');
    await expect(server.stop('SIGINT')).resolves.toBe(0);
    server = await startServer({ dataDirectory, environment: withoutDemo });
    expect((await server.request('GET', '/api/v1/sql/sources', { token })).status).toBe(200);
  });
});

describe('a start that cannot go on says why in one sentence and exits non-zero', () => {
  it('when the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { code, said } = await failedStart({ dataDirectory: fresh(), environment: { ...withoutDemo, PORT: String(port) } });
    taken.close();
    expect(code).toBe(1);
    expect(said).toBe(`Port ${port} is in use; stop what listens there, or choose another with PORT or --port.`);
  });

  it('when a setting is wrong', async () => {
    const { code, said } = await failedStart({ dataDirectory: fresh(), environment: { PORT: 'eighty' } });
    expect(code).toBe(78);
    expect(said).toMatch(/PORT/);
    expect(said).not.toMatch(/\bat .*\.js:\d+/);
  });

  it('when production has no secrets', async () => {
    const { code, said } = await failedStart({ dataDirectory: fresh(), environment: { NODE_ENV: 'production' } });
    expect(code).toBe(78);
    expect(said).toMatch(/JWT_SECRET/);
  });

  it('when --data names a file that is not there', async () => {
    const { code, said } = await failedStart({
      dataDirectory: fresh(),
      environment: withoutDemo,
      arguments: ['--data', '/nowhere/sales.csv'],
    });
    expect(code).toBe(1);
    expect(said.split('\n')).toHaveLength(1);
    expect(said).toMatch(/sales\.csv/);
  });
});
