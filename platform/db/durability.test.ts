import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';

import { sql } from 'kysely';

import { startChild, type TestChild } from '../../test/kit/child';
import { holdTimers } from '../../test/kit/held-timers';
import { until } from '../../test/kit/until';

import { lockDirectory } from './directory-lock';

import { DirectoryInUse, migrate, openDatabase, type Database } from '#platform/db';

const directories: string[] = [];
const newDirectory = (): string => {
  const directory = mkdtempSync(path.join(tmpdir(), 'parley-data-'));
  directories.push(directory);
  return directory;
};
const children: TestChild[] = [];
const child = (task: string, directory: string, ...rest: string[]): TestChild => {
  const started = startChild('test/kit/database-child', [task, directory, ...rest]);
  children.push(started);
  return started;
};
afterEach(async () => {
  for (const { process, ended } of children.splice(0)) {
    process.kill('SIGKILL');
    await ended;
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

const storedIds = async (db: Database): Promise<Set<string>> =>
  new Set((await db.asSystem((tx) => sql<{ id: string }>`select id from outbox`.execute(tx))).rows.map(({ id }) => id));

describe('the embedded database in a folder', () => {
  it('is there again after closing and opening', async () => {
    const dataDirectory = newDirectory();
    const first = await openDatabase({ dataDirectory });
    expect((await migrate(first, [])).length).toBeGreaterThan(0);
    await first.asSystem((tx) => sql`insert into tenants (id) values ('acme')`.execute(tx));
    await first.close();
    await first.close();
    const second = await openDatabase({ dataDirectory });
    expect(await migrate(second, [])).toEqual([]);
    const { rows } = await second.inTenant('acme', (tx) => sql`select id from tenants`.execute(tx));
    expect(rows).toEqual([{ id: 'acme' }]);
    await second.close();
    await expect(second.ping()).rejects.toHaveCode('SERVICE_UNAVAILABLE');
  });

  it('loses no acknowledged write and keeps no half of one when its process is killed, round after round', async () => {
    const dataDirectory = newDirectory();
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const writer = child('write', dataDirectory, String(round));
      await writer.line('open');
      const enough = 20 + ((round * 37) % 60);
      await until(() => writer.lines.length > enough, { withinMs: 60_000, everyMs: 1 });
      writer.process.kill('SIGKILL');
      expect(await writer.ended).toBe('SIGKILL');
      for (const line of writer.lines) if (line.startsWith('ack ')) acknowledged.add(line.slice(4));

      const db = await openDatabase({ dataDirectory });
      const stored = await storedIds(db);
      await db.close();
      const lost = [...acknowledged].filter((id) => !stored.has(`${id}-a`) || !stored.has(`${id}-b`));
      const halves = [...stored].filter((id) => !stored.has(id.endsWith('-a') ? id.replace(/a$/, 'b') : id.replace(/b$/, 'a')));
      expect({ round, lost, halves }).toEqual({ round, lost: [], halves: [] });
    }
    expect(acknowledged.size).toBeGreaterThan(60);
  });

  it('refuses a second process with one sentence that names the first, and serves it after the first has ended', async () => {
    const dataDirectory = newDirectory();
    const first = child('hold', dataDirectory);
    await first.line('open');
    const second = child('hold', dataDirectory);
    const refusal = await second.line('refused');
    expect(refusal).toContain(`in use by process ${first.process.pid};`);
    expect(await second.ended).toBe(75);
    await expect(openDatabase({ dataDirectory })).rejects.toThrow(DirectoryInUse);

    first.process.kill('SIGTERM');
    await first.line('closed');
    expect(await first.ended).toBe(0);
    expect(existsSync(path.join(dataDirectory, 'owner.lock'))).toBe(false);
    const db = await openDatabase({ dataDirectory });
    await expect(openDatabase({ dataDirectory })).rejects.toThrow(DirectoryInUse);
    await db.close();
  });

  it('is taken over from a killed process, by one of several that come at once', async () => {
    const dataDirectory = newDirectory();
    const first = child('hold', dataDirectory);
    await first.line('open');
    first.process.kill('SIGKILL');
    await first.ended;
    const rivals = [1, 2, 3].map(() => child('hold', dataDirectory));
    const outcomes = await Promise.all(rivals.map((rival) => until(() => rival.lines.find((line) => /^(open|refused|failed)/.test(line)))));
    expect(outcomes.filter((line) => line === 'open')).toHaveLength(1);
    expect(outcomes.filter((line) => line.startsWith('refused'))).toHaveLength(2);
  });

  it.each([
    ['a process of the same number that began later', (owner: object) => ({ ...owner, processStart: '1' }), 'opens'],
    ['a process of another host that is silent', (owner: object) => ({ ...owner, host: 'elsewhere' }), 'opens'],
    ['a process of this host that is alive', (owner: object) => owner, 'refuses'],
  ] as const)('judges a lock left by %s', async (_, change, expected) => {
    const dataDirectory = newDirectory();
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    const processStart = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const owner = { pid: process.ppid, processStart, host: hostname(), token: 'other', since: '' };
    const file = path.join(dataDirectory, 'owner.lock');
    writeFileSync(file, JSON.stringify(change(owner)));
    utimesSync(file, new Date(0), new Date(0));
    if (expected === 'refuses') return void (await expect(lockDirectory(dataDirectory)).rejects.toThrow(/in use by process/));
    const unlock = await lockDirectory(dataDirectory);
    await unlock();
    expect(existsSync(file)).toBe(false);
  });

  it('begins again where its first process died while it made the cluster', async () => {
    const dataDirectory = newDirectory();
    mkdirSync(path.join(dataDirectory, 'pgdata'));
    writeFileSync(path.join(dataDirectory, 'pgdata', 'PG_VERSION'), '18\n');
    const db = await openDatabase({ dataDirectory });
    await migrate(db, []);
    await db.close();
  });

  it('ends a statement that takes too long with TIMEOUT, gives the others their turn and keeps what was committed', async () => {
    const dataDirectory = newDirectory();
    const statementTimeoutMs = 12_345;
    using deadlines = holdTimers(statementTimeoutMs);
    const db = await openDatabase({ dataDirectory, statementTimeoutMs });
    await migrate(db, []);
    await db.asSystem((tx) => sql`insert into tenants (id) values ('kept')`.execute(tx));
    const endless = db.asSystem(async (tx) => {
      await sql`insert into tenants (id) values ('lost')`.execute(tx);
      const before = deadlines.count();
      const statement = sql`select count(*) from generate_series(1, 100000000000)`.execute(tx);
      void until(() => deadlines.count() > before).then(deadlines.passLast);
      await statement;
    });
    const next = db.asSystem((tx) => sql<{ id: string }>`select id from tenants`.execute(tx));
    await expect(endless).rejects.toHaveCode('TIMEOUT');
    expect((await next).rows).toEqual([{ id: 'kept' }]);
    await db.close();
  });

  it('lets a caller that waits too long go with SERVICE_UNAVAILABLE', async () => {
    const db = await openDatabase({ acquireTimeoutMs: 50 });
    await migrate(db, []);
    let finish: (() => void) | undefined;
    const holding = db.inTenant('acme', () => new Promise<void>((resolve) => (finish = resolve)));
    await until(() => finish);
    await expect(db.ping()).rejects.toHaveCode('SERVICE_UNAVAILABLE');
    finish!();
    await holding;
    await db.ping();
    await db.close();
  });
});
