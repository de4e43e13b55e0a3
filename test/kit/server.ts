import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { mintToken, type Role } from '#platform/auth';
import { builtExecArgv, builtFile, projectRoot } from '#platform/lifecycle';

import { until } from './until';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly child: ChildProcess;
  /** Everything the process has printed. */
  output(): string;
  /** A token of a tenant, signed with this server's secret. */
  token(tenantId: string, options?: { userId?: string; roles?: readonly Role[]; lifetimeSeconds?: number }): string;
  request(method: string, route: string, options?: { token?: string; body?: unknown; headers?: Record<string, string> }): Promise<Answer>;
  graphql(query: string, options: { token: string; variables?: object }): Promise<any>;
  /** Sends the signal and gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServerOptions {
  readonly dataDirectory?: string;
  readonly environment?: Record<string, string>;
  readonly arguments?: readonly string[];
}

// Without the demo data a start takes half the time; suites that ask questions turn it on.
const quiet = { NODE_ENV: 'development', LOG_LEVEL: 'warn', PORT: '0' };

/** Starts the built service as a process of its own, on a free port, and waits until it is ready. */
export async function startServer({
  dataDirectory = mkdtempSync(path.join(tmpdir(), 'parley-e2e-')),
  environment = {},
  arguments: extra = [],
}: ServerOptions = {}): Promise<TestServer> {
  const child = runServer({ dataDirectory, environment, arguments: extra });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let ended = false;
  void exited.then(() => (ended = true));
  await until(() => output.includes('Parley is ready at') || (ended && 'ended'), { withinMs: 170_000, everyMs: 25 });
  if (ended) throw new Error(`the server ended before it was ready:\n${output}`);
  const url = /Parley is ready at (http:\/\/\S+)/.exec(output)![1]!;
  const secret = (): string =>
    (JSON.parse(readFileSync(path.join(dataDirectory, 'secrets.json'), 'utf8')) as { jwtSecret: string }).jwtSecret;

  const request: TestServer['request'] = async (method, route, { token, body, headers = {} } = {}) => {
    const response = await fetch(new URL(route, url), {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = JSON.parse(text);
    } catch {
      // An answer that is not JSON stays text.
    }
    return { status: response.status, headers: response.headers, body: parsed };
  };

  return {
    url,
    port: Number(new URL(url).port),
    dataDirectory,
    child,
    output: () => output,
    token: (tenantId, { userId = 'tester', roles = ['admin'] as readonly Role[], lifetimeSeconds } = {}) =>
      mintToken(environment.JWT_SECRET ?? secret(), { tenantId, userId, roles, ...(lifetimeSeconds ? { lifetimeSeconds } : {}) }),
    request,
    graphql: async (query, { token, variables }) => (await request('POST', '/graphql', { token, body: { query, variables } })).body,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return exited;
    },
    [Symbol.asyncDispose]: async () => {
      if (!ended) child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The bare process, for starts that are expected to fail. */
export function runServer({ dataDirectory, environment = {}, arguments: extra = [] }: ServerOptions): ChildProcess {
  const { JWT_SECRET: _secret, ...inherited } = process.env;
  return spawn(process.execPath, [...builtExecArgv, builtFile('gateway/main'), ...extra], {
    cwd: projectRoot,
    env: { ...inherited, ...quiet, ...(dataDirectory ? { PARLEY_DATA_DIR: dataDirectory } : {}), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
