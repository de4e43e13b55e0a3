import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { Client } from 'pg';

import { migrate, openDatabase, type Database, type DatabaseOptions, type MigrationFolder } from '#platform/db';

import { findProgram } from './external';
import { freePort } from './free-port';
import { until } from './until';

/** `describeWith(postgresProgram(), 'on PostgreSQL', …)` */
export const postgresProgram = () =>
  findProgram({ name: 'initdb', folders: { root: '/usr/lib/postgresql', below: 'bin' }, aptPackage: 'postgresql' });

export interface TestPostgres {
  readonly port: number;
  /** Of a database of this server, as its superuser or as another role. */
  url(database?: string, login?: string): string;
  /** A new empty database, of `owner_login`. Returns its name. */
  createDatabase(): Promise<string>;
  /** Signals the server: SIGSTOP makes it a black hole. */
  signal(name: NodeJS.Signals): void;
  /** As after a crash: at once, without saying goodbye. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as a user of the system that owns nothing else. */
export const serverUser = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string): number | undefined => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  };
  if (idOf('-u') === undefined) spawnSync('useradd', ['--system', '--no-create-home', 'postgres']);
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  // Without such a user: nobody, by its number on Linux.
  return { uid: uid ?? 65_534, gid: gid ?? 65_534 };
};

// Crashes of the server itself are rehearsed by immediate shutdown, which the page cache survives: no test needs fsync.
const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=60', 'shared_buffers=32MB', 'unix_socket_directories='];

class LocalPostgres implements TestPostgres {
  private server: ChildProcess | undefined;
  private databases = 0;

  constructor(
    private readonly binaries: string,
    private readonly directory: string,
    readonly port: number,
  ) {}

  private get owner() {
    return { ...serverUser(), cwd: this.directory };
  }

  async initialise(): Promise<void> {
    const arguments_ = ['-D', path.join(this.directory, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
    await promisify(execFile)(path.join(this.binaries, 'initdb'), arguments_, this.owner);
  }

  async start(): Promise<void> {
    const options = [...settings, 'listen_addresses=127.0.0.1', `port=${this.port}`].flatMap((setting) => ['-c', setting]);
    const server = spawn(path.join(this.binaries, 'postgres'), ['-D', path.join(this.directory, 'data'), ...options], {
      ...this.owner,
      stdio: 'ignore',
    });
    this.server = server;
    await until(() => this.answers(), { withinMs: 60_000, everyMs: 30 });
    const roles =
      'do $$ begin create role owner_login login createrole; create role app_login login; exception when duplicate_object then null; end $$';
    await this.asSuperuser((client) => client.query(roles));
  }

  url(database = 'postgres', login = 'postgres'): string {
    return `postgres://${login}@127.0.0.1:${this.port}/${database}`;
  }

  async createDatabase(): Promise<string> {
    this.databases += 1;
    const name = `test_${process.pid}_${this.databases}`;
    await this.asSuperuser((client) => client.query(`create database ${name} owner owner_login`));
    return name;
  }

  signal(name: NodeJS.Signals): void {
    // All backends, not only the postmaster: they hold the connections.
    const { stdout } = spawnSync('pgrep', ['-P', String(this.server!.pid)], { encoding: 'utf8' });
    for (const pid of [this.server!.pid!, ...stdout.split('\n').filter(Boolean).map(Number)]) process.kill(pid, name);
  }

  async restart(): Promise<void> {
    await this.end('SIGQUIT');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.end('SIGINT');
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exited = new Promise((resolve) => server.once('exit', resolve));
    server.kill(signal);
    await exited;
  }

  private async asSuperuser(action: (client: Client) => Promise<unknown>): Promise<void> {
    const client = new Client({ connectionString: this.url() });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await action(client);
    } finally {
      await client.end();
    }
  }

  private async answers(): Promise<boolean> {
    return this.asSuperuser((client) => client.query('select 1')).then(
      () => true,
      () => false,
    );
  }
}

/** A server of its own, in a temporary folder, on a free loopback port. */
export async function startPostgres(): Promise<TestPostgres> {
  const program = postgresProgram();
  if ('missing' in program) throw new Error(program.missing);
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-postgres-'));
  const user = serverUser();
  if (user) chownSync(directory, user.uid, user.gid);
  const server = new LocalPostgres(path.dirname(program.path), directory, await freePort());
  await server.initialise();
  await server.start();
  return server;
}

/** So patient that a machine under load is not taken for a server in trouble. */
const patience = { acquireTimeoutMs: 60_000, statementTimeoutMs: 60_000 };

/**
 * A migrated database of its own on such a server, patient unless told otherwise. As in production the owner of the tables may create
 * roles and is no superuser, and the login that runs owns nothing.
 */
export async function postgresDatabase(
  server: TestPostgres,
  options: Partial<DatabaseOptions> & { folders?: readonly MigrationFolder[] } = {},
): Promise<Database & AsyncDisposable> {
  const { folders = [], ...rest } = options;
  const name = await server.createDatabase();
  const db = await openDatabase({
    url: server.url(name, 'app_login'),
    migrationUrl: server.url(name, 'owner_login'),
    ...patience,
    ...rest,
  });
  await migrate(db, folders);
  return Object.assign(db, { [Symbol.asyncDispose]: () => db.close() });
}
