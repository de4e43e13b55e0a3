// Run as a child process by the durability tests: opens the database of a folder and does as its arguments say, telling its parent what
// was acknowledged, one line each.
import { sql } from 'kysely';

import { DirectoryInUse, migrate, openDatabase } from '#platform/db';

const [task = 'write', dataDirectory = '', seed = '0'] = process.argv.slice(2);
/** A machine under load is no fault that these tests are about. */
const patience = { acquireTimeoutMs: 60_000, statementTimeoutMs: 60_000 };
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const writer = async (): Promise<void> => {
  const db = await openDatabase({ dataDirectory, ...patience });
  await migrate(db, []);
  await db.asSystem((tx) => sql`insert into tenants (id) values ('writer') on conflict do nothing`.execute(tx));
  say('open');
  // Two rows in one transaction: after a crash both are there or neither.
  const write = async (lane: number): Promise<void> => {
    for (let n = 0; ; n += 1) {
      const id = `${seed}-${lane}-${n}`;
      await db.inTenant('writer', async (tx) => {
        await sql`insert into outbox (id, tenant_id, topic, type, data) values (${`${id}-a`}, 'writer', 't', 'x', '{}')`.execute(tx);
        await sql`insert into outbox (id, tenant_id, topic, type, data) values (${`${id}-b`}, 'writer', 't', 'x', '{}')`.execute(tx);
      });
      say(`ack ${id}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, lane) => write(lane)));
};

const holder = async (): Promise<void> => {
  const db = await openDatabase({ dataDirectory });
  say('open');
  process.on('SIGTERM', () => {
    void db.close().then(() => say('closed'));
  });
};

/** Migrates with a folder whose files take their time, saying when each begins to be looked for. */
const migrator = async (): Promise<void> => {
  const { url, migrationUrl, folder } = JSON.parse(seed) as { url?: string; migrationUrl?: string; folder: string };
  const db = await openDatabase({ dataDirectory, url, migrationUrl, ...patience });
  say('open');
  await migrate(db, [{ name: 'slow', directory: folder }]);
  await db.close();
  say('migrated');
};

const tasks: Readonly<Record<string, () => Promise<void>>> = { write: writer, hold: holder, migrate: migrator };

tasks[task]!().catch((error: unknown) => {
  say(error instanceof DirectoryInUse ? `refused ${error.message}` : `failed ${String(error)}`);
  process.exitCode = error instanceof DirectoryInUse ? 75 : 1;
});
