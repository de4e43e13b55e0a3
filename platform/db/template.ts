import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

import { SqlDatabase } from './database';
import { migrate, platformMigrations, readMigrations } from './migrate';
import { openPglite } from './open-pglite';
import { cacheDirectory, writeWhole } from './seed';
import type { Database, MigrationFolder } from './types';

const keepMs = 7 * 86_400_000;

/** Templates of migrations that have changed since. */
const removeOld = (): void => {
  for (const file of readdirSync(cacheDirectory)) {
    const old = path.join(cacheDirectory, file);
    if (file.startsWith('template-') && Date.now() - statSync(old).mtimeMs > keepMs) rmSync(old, { force: true });
  }
};

/**
 * A migrated database in memory, started from a dump that is made once per set of migrations. For tests and short commands: no
 * statement timeout worth the name, and everything is gone at the end.
 */
export async function openTemplateDatabase(folders: readonly MigrationFolder[]): Promise<Database> {
  const migrations = readMigrations([platformMigrations, ...folders]);
  const hash = createHash('sha256')
    .update(migrations.map(({ name, checksum }) => `${name} ${checksum}\n`).join(''))
    .digest('hex');
  const template = path.join(cacheDirectory, `template-${hash.slice(0, 16)}.tar.gz`);
  const isNew = !existsSync(template);
  const backend = await openPglite({ acquireTimeoutMs: 60_000, ...(isNew ? {} : { template }) });
  const db = new SqlDatabase({ backend, statementTimeoutMs: 60_000 });
  try {
    if (isNew) {
      await migrate(db, folders);
      writeWhole(template, await backend.dump());
      removeOld();
    }
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
