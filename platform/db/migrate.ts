import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { CompiledQuery, sql } from 'kysely';

import { SqlDatabase } from './database';
import type { AnyTx, Database, MigrationFolder } from './types';

export interface Migration {
  /** `<domain>/<file>` */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** The kernel's own tables, roles and functions; always applied first. */
export const platformMigrations: MigrationFolder = { name: 'platform', directory: path.join(__dirname, 'migrations') };

export const readMigrations = (folders: readonly MigrationFolder[]): readonly Migration[] =>
  folders.flatMap(({ name, directory }) =>
    readdirSync(directory)
      .filter((file) => file.endsWith('.sql'))
      .sort()
      .map((file) => {
        const text = readFileSync(path.join(directory, file), 'utf8');
        return { name: `${name}/${file}`, sql: text, checksum: createHash('sha256').update(text).digest('hex') };
      }),
  );

const lockKey = 7_272_001;
/** Roles belong to the whole server, so databases that migrate side by side can collide on them; the loser goes again. */
const collision = /^(23505|42710|40001|40P01|XX000)$/;

const history = `create table if not exists schema_migrations (
  name text primary key, checksum text not null, applied_at timestamptz not null default now())`;

async function applyOne(tx: AnyTx & { executeQuery: (query: CompiledQuery) => Promise<unknown> }, migration: Migration): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
  await tx.executeQuery(CompiledQuery.raw(history));
  const { rows } = await sql<{ checksum: string }>`select checksum from schema_migrations where name = ${migration.name}`.execute(tx);
  const applied = rows[0];
  if (applied && applied.checksum !== migration.checksum) {
    throw new Error(`Migration ${migration.name} was changed after it was applied: restore it, and put the change into a new file.`);
  }
  if (applied) return false;
  await tx.executeQuery(CompiledQuery.raw(migration.sql));
  await sql`insert into schema_migrations (name, checksum) values (${migration.name}, ${migration.checksum})`.execute(tx);
  return true;
}

/**
 * Applies what is missing: each file whole or not at all, in its own transaction under one advisory lock, so that processes that start
 * together share the work and an interrupted run goes on where it stopped. Files are ordered within a folder, not across folders.
 * Returns the names applied now.
 */
export async function migrate(db: Database, folders: readonly MigrationFolder[]): Promise<readonly string[]> {
  if (!(db instanceof SqlDatabase)) throw new Error('migrate needs a database from openDatabase.');
  const applied: string[] = [];
  const { runtimeLogin } = db;
  for (const migration of readMigrations([platformMigrations, ...folders])) {
    if (await applyWithRetry(db as SqlDatabase<unknown>, migration)) applied.push(migration.name);
  }
  if (runtimeLogin) await db.asOwner((tx) => allowToRun(tx, runtimeLogin));
  return applied;
}

/** The login that runs gets both roles, and with them all that it ever needs. */
async function allowToRun(tx: AnyTx, login: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(tx);
  const { rows } = await sql<{ missing: boolean }>`
    select not (pg_has_role(${login}, 'parley_app', 'member') and pg_has_role(${login}, 'parley_system', 'member')) as missing`.execute(tx);
  if (rows[0]?.missing) await sql`grant parley_app, parley_system to ${sql.id(login)}`.execute(tx);
}

async function applyWithRetry(db: SqlDatabase<unknown>, migration: Migration): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.asOwner((tx) => applyOne(tx, migration));
    } catch (thrown) {
      const { code = '' } = ((thrown as { cause?: unknown }).cause ?? thrown) as { code?: string };
      const mayRetry = migration.name.startsWith('platform/') && collision.test(code) && attempt < 10;
      if (!mayRetry) throw new Error(`Migration ${migration.name} failed: ${(thrown as Error).message}`, { cause: thrown });
    }
  }
}
