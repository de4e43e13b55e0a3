import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createConnection } from 'mysql2/promise';

import { findProgram } from './external';
import { freePort } from './free-port';
import { until } from './until';

/** `describeWith(mariadbProgram(), 'on MariaDB', …)` */
export const mariadbProgram = () => findProgram({ name: 'mariadbd', aptPackage: 'mariadb-server-core' });

export interface TestMariadb {
  readonly port: number;
  /** Statements as the administrator; in no database unless one is named. */
  execute(statements: readonly string[], database?: string): Promise<void>;
  stop(): Promise<void>;
}

const systemTables = ['mysql_system_tables.sql', 'mysql_performance_tables.sql', 'mysql_system_tables_data.sql'];

/** What mariadb-install-db does; that script wants a program of another package. */
function bootstrap(program: string, options: readonly string[]): void {
  const folder = '/usr/share/mysql';
  const input = [
    'create database if not exists mysql;',
    'use mysql;',
    'set @auth_root_socket = null;',
    ...systemTables.map((name) => readFileSync(path.join(folder, name), 'utf8')),
  ].join('\n');
  const { status, stderr } = spawnSync(
    program,
    ['--no-defaults', '--bootstrap', '--skip-name-resolve', '--innodb-buffer-pool-size=32M', ...options],
    { input, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr.slice(-1_000));
}

/** A server of its own, in a temporary folder, on a free loopback port; `root` has no password. */
export async function startMariadb(): Promise<TestMariadb> {
  const program = mariadbProgram();
  if ('missing' in program) throw new Error(program.missing);
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-mariadb-'));
  const data = path.join(directory, 'data');
  mkdirSync(path.join(data, 'mysql'), { recursive: true });
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  bootstrap(program.path, [`--datadir=${data}`, ...asRoot]);
  const port = await freePort();
  const options = [
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--socket=${path.join(directory, 'socket')}`,
    `--pid-file=${path.join(directory, 'pid')}`,
  ];
  const tuning = ['--skip-name-resolve', '--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0', '--performance-schema=off'];
  const server = spawn(program.path, ['--no-defaults', ...options, ...tuning, ...asRoot], { stdio: 'ignore', cwd: directory });
  const exited = new Promise((resolve) => server.once('exit', resolve));

  const execute = async (statements: readonly string[], database?: string): Promise<void> => {
    const connection = await createConnection({ host: '127.0.0.1', port, user: 'root', database });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  };
  const answers = () =>
    execute(['select 1']).then(
      () => true,
      () => false,
    );
  await until(answers, { withinMs: 60_000, everyMs: 50 });
  return {
    port,
    execute,
    async stop() {
      server.kill('SIGKILL');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
