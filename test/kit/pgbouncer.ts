import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Client } from 'pg';

import { findProgram } from './external';
import { freePort } from './free-port';
import { serverUser, type TestPostgres } from './postgres';
import { until } from './until';

/** `describeWith(pgbouncerProgram(), 'behind pgbouncer', …)` */
export const pgbouncerProgram = () => findProgram({ name: 'pgbouncer', aptPackage: 'pgbouncer' });

export interface TestPgbouncer {
  url(database: string, login: string): string;
  stop(): Promise<void>;
}

/** A pooler in transaction mode before such a server, with `poolSize` connections to it. */
export async function startPgbouncer(server: TestPostgres, poolSize: number): Promise<TestPgbouncer> {
  const program = pgbouncerProgram();
  if ('missing' in program) throw new Error(program.missing);
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-pgbouncer-'));
  const port = await freePort();
  const logins = path.join(directory, 'users.txt');
  const settings = path.join(directory, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${server.port}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${logins}`,
    'pool_mode = transaction',
    `default_pool_size = ${poolSize}`,
  ];
  writeFileSync(logins, '"app_login" ""\n"owner_login" ""\n', { mode: 0o644 });
  writeFileSync(settings, `${lines.join('\n')}\n`, { mode: 0o644 });
  const user = serverUser();
  chmodSync(directory, 0o755);
  const child = spawn(program.path, [settings], { stdio: 'ignore', ...user, cwd: '/' });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = (database: string, login: string): string => `postgres://${login}@127.0.0.1:${port}/${database}`;
  await until(
    async () => {
      const client = new Client({ connectionString: url('postgres', 'app_login') });
      client.on('error', () => undefined);
      const answers = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => undefined);
      return answers;
    },
    { withinMs: 60_000, everyMs: 30 },
  );
  return {
    url,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
