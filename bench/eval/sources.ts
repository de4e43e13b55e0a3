/** Databases of a set by their id: a SQLite or PostgreSQL dump, or a `.sqlite` or `.duckdb` file. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import type { Catalog } from '../../subgraphs/sql/service/engine/catalog';
import { duckdbFile, openDuckdb } from './duckdb';
import type { AsyncDatabase } from './duckdb';
import { isPostgresDump, PostgresSources } from './postgres';
import { introspectSqlite, SqliteDatabase } from './sqlite';

const cacheFolder = path.join(projectRoot, '.cache', 'eval');

/** Catalogs are kept by the content of their file: introspection of many databases is most of a run's time. */
const cachedCatalog = (file: string, read: () => Catalog): Catalog => {
  const key = createHash('sha256').update('catalog-1').update(readFileSync(file)).digest('hex').slice(0, 24);
  const cached = path.join(cacheFolder, `${key}.json`);
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, 'utf8')) as Catalog;
  const catalog = read();
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(cached, JSON.stringify(catalog));
  return catalog;
};

export class Sources {
  private readonly open = new Map<string, Promise<AsyncDatabase | undefined>>();
  private readonly postgres = new PostgresSources();

  constructor(private readonly folder: string) {}

  get(id: string): Promise<AsyncDatabase | undefined> {
    let found = this.open.get(id);
    if (!found) this.open.set(id, (found = this.load(id)));
    return found;
  }

  private async load(id: string): Promise<AsyncDatabase | undefined> {
    if (!/^[\w.-]+$/.test(id)) return undefined;
    const duckdb = duckdbFile(this.folder, id);
    if (duckdb) return openDuckdb(duckdb);
    const dump = path.join(this.folder, `${id}.sql`);
    if (existsSync(dump) && isPostgresDump(dump)) return this.postgres.open(this.folder, id);
    const sqlite = SqliteDatabase.open(this.folder, id);
    if (!sqlite) return undefined;
    const file = existsSync(dump) ? dump : path.join(this.folder, `${id}.sqlite`);
    return {
      catalog: cachedCatalog(file, () => introspectSqlite(sqlite)),
      rows: async (sql) => sqlite.rows(sql),
      close: async () => sqlite.close(),
    };
  }

  async close(): Promise<void> {
    for (const found of this.open.values()) await (await found)?.close();
    await this.postgres.stop();
  }
}
