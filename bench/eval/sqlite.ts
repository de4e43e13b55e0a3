import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import Database from 'libsql';

import type { Catalog, CatalogColumn, CatalogTable, ColumnType, ForeignKey } from '../../subgraphs/sql/service/engine/catalog';

export type Row = readonly unknown[];

/** A dump loaded into memory, or a database file opened read-only. */
export class SqliteDatabase {
  private constructor(private readonly database: Database.Database) {}

  static open(folder: string, id: string): SqliteDatabase | undefined {
    const file = path.join(folder, `${id}.sqlite`);
    if (existsSync(file)) return new SqliteDatabase(new Database(file, { readonly: true }));
    const dump = path.join(folder, `${id}.sql`);
    if (!existsSync(dump)) return undefined;
    const text = readFileSync(dump, 'utf8');
    if (/^CREATE TABLE public\./m.test(text)) return undefined;
    const database = new Database(':memory:');
    database.exec(text);
    return new SqliteDatabase(database);
  }

  rows(sql: string): Row[] {
    return this.database.prepare(sql).raw(true).all() as Row[];
  }

  objects<T>(sql: string): T[] {
    return this.database.prepare(sql).all() as T[];
  }

  close(): void {
    this.database.close();
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}$|^\d{1,2}\/\d{1,2}\/\d{4}$/;
const MOMENT = /^\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2}/;
const TIME = /^\d{1,2}:\d{2}(:\d{2})?$/;
const MAX_VALUES = 5_000;

const observedType = (declared: string, values: readonly unknown[]): ColumnType => {
  const known = values.filter((value) => value !== null && value !== '');
  const all = (test: (value: unknown) => boolean): boolean => known.length > 0 && known.every(test);
  if (all((value) => typeof value === 'number')) {
    if (/bool|bit/i.test(declared)) return 'boolean';
    return known.every((value) => Number.isInteger(value)) && !/real|float|double|dec|numeric/i.test(declared) ? 'integer' : 'number';
  }
  if (all((value) => typeof value === 'string' && DATE.test(value))) return 'date';
  if (all((value) => typeof value === 'string' && (MOMENT.test(value) || DATE.test(value)))) return 'timestamp';
  if (all((value) => typeof value === 'string' && TIME.test(value))) return 'time';
  if (all((value) => typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value) && !/^0\d/.test(value))))
    return 'integer';
  if (all((value) => typeof value === 'number' || (typeof value === 'string' && /^-?\d+\.\d+$|^-?\d+$/.test(value) && !/^0\d/.test(value))))
    return 'number';
  if (known.length > 0) return 'text';
  if (/int/i.test(declared)) return 'integer';
  if (/real|float|double|dec|num/i.test(declared)) return 'number';
  if (/time/i.test(declared)) return 'timestamp';
  return /date/i.test(declared) ? 'date' : 'text';
};

const readColumn = (database: SqliteDatabase, table: string, info: { name: string; type: string; notnull: number }): CatalogColumn => {
  const [counts] = database.rows(
    `SELECT count(DISTINCT ${quote(info.name)}), sum(${quote(info.name)} IS NULL), min(${quote(info.name)}), max(${quote(info.name)}) FROM ${quote(table)}`,
  );
  const distinctCount = Number(counts?.[0] ?? 0);
  const values = database
    .rows(
      `SELECT DISTINCT ${quote(info.name)} FROM ${quote(table)} WHERE ${quote(info.name)} IS NOT NULL ORDER BY rowid LIMIT ${MAX_VALUES}`,
    )
    .map((row) => row[0])
    .filter((value): value is string | number => typeof value === 'string' || typeof value === 'number');
  const type = observedType(info.type, values);
  return {
    name: info.name,
    declaredType: info.type,
    type,
    nullable: info.notnull === 0,
    distinctCount,
    nullCount: Number(counts?.[1] ?? 0),
    min: (counts?.[2] ?? null) as string | number | null,
    max: (counts?.[3] ?? null) as string | number | null,
    ...(type === 'text' || distinctCount <= 200 ? { values, valuesComplete: distinctCount <= MAX_VALUES } : {}),
  };
};

interface KeyRow {
  id: number;
  table: string;
  from: string;
  to: string | null;
}

const readTable = (database: SqliteDatabase, name: string): CatalogTable => {
  const columns = database.objects<{ name: string; type: string; notnull: number; pk: number }>(`PRAGMA table_info(${quote(name)})`);
  const keys = new Map<number, ForeignKey>();
  for (const row of database.objects<KeyRow>(`PRAGMA foreign_key_list(${quote(name)})`)) {
    const key = keys.get(row.id) ?? { columns: [], table: row.table, targetColumns: [], origin: 'declared' as const };
    key.columns.push(row.from);
    if (row.to !== null) key.targetColumns.push(row.to);
    keys.set(row.id, key);
  }
  return {
    name,
    kind: 'table',
    rowCount: Number(database.rows(`SELECT count(*) FROM ${quote(name)}`)[0]?.[0] ?? 0),
    columns: columns.map((column) => readColumn(database, name, column)),
    primaryKey: columns
      .filter((column) => column.pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map((column) => column.name),
    foreignKeys: [...keys.values()].reverse(),
  };
};

export const introspectSqlite = (database: SqliteDatabase): Catalog => ({
  dialect: 'sqlite',
  tables: database
    .objects<{ name: string }>("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
    .map(({ name }) => readTable(database, name)),
});
