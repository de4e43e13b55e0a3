import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { sql } from 'kysely';
import { Client } from 'pg';

import { startChild } from '../../test/kit/child';
import { describeWith } from '../../test/kit/external';
import { postgresProgram, startPostgres, type TestPostgres } from '../../test/kit/postgres';

import { migrate, openDatabase, type Database } from '#platform/db';

const files = 6;
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'parley-killed-'));
  for (let n = 1; n <= files; n += 1) {
    // Two tables with a pause between them: killed there, a migration that is not atomic leaves the first.
    const pause = 'do $$ begin perform count(*) from generate_series(1, 60000); end $$;';
    writeFileSync(path.join(directory, `000${n}_pair.sql`), `create table left_${n} (id int); ${pause} create table right_${n} (id int);`);
  }
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const present = async (db: Database): Promise<string[]> => {
  const { rows } = await db.asSystem((tx) =>
    sql<{ name: string }>`select relname as name from pg_class where relname ~ '^(left|right)_[0-9]' order by relname`.execute(tx),
  );
  return rows.map(({ name }) => name);
};
const whole = (tables: readonly string[]): boolean =>
  Array.from({ length: files }, (_, index) => index + 1).every((n) => tables.includes(`left_${n}`) === tables.includes(`right_${n}`));
const all = Array.from({ length: files }, (_, index) => [`left_${index + 1}`, `right_${index + 1}`])
  .flat()
  .sort();

it('is never half-applied in a folder when killed, and goes on at the next start', async () => {
  const dataDirectory = path.join(directory, 'data');
  const first = await openDatabase({ dataDirectory });
  await migrate(first, []);
  await first.close();
  for (let round = 0; round < 3; round += 1) {
    const child = startChild('test/kit/database-child', ['migrate', dataDirectory, JSON.stringify({ folder: directory })]);
    await child.line('open');
    const killer = setTimeout(() => child.process.kill('SIGKILL'), 15 * (round + 1));
    await child.ended;
    clearTimeout(killer);
    const db = await openDatabase({ dataDirectory });
    const tables = await present(db);
    expect({ round, tables, whole: whole(tables) }).toEqual({ round, tables, whole: true });
    await db.close();
  }
  const db = await openDatabase({ dataDirectory });
  await migrate(db, [{ name: 'slow', directory }]);
  expect(await present(db)).toEqual(all);
  await db.close();
});

describeWith(postgresProgram(), 'on PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.stop());

  it('is never half-applied when one of two processes that migrate together is killed', async () => {
    const name = await server.createDatabase();
    const [url, migrationUrl] = [server.url(name, 'app_login'), server.url(name, 'owner_login')];
    const before = await openDatabase({ url, migrationUrl, acquireTimeoutMs: 60_000 });
    await migrate(before, []);
    await before.close();
    const start = () => startChild('test/kit/database-child', ['migrate', '', JSON.stringify({ url, migrationUrl, folder: directory })]);
    const [doomed, other] = [start(), start()];
    await doomed.line('open');
    doomed.process.kill('SIGKILL');
    await doomed.ended;
    await other.line('migrated');
    expect(await other.ended).toBe(0);

    const admin = new Client({ connectionString: server.url(name) });
    await admin.connect();
    const { rows } = await admin.query<{ name: string }>(
      "select relname as name from pg_class where relname ~ '^(left|right)_[0-9]' order by relname",
    );
    await admin.end();
    expect(rows.map((row) => row.name)).toEqual(all);
  });
});
