/** A PostgreSQL of its own for dumps in PostgreSQL's dialect, started when the first is needed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Client } from 'pg';

import { buildCatalog } from '../../subgraphs/sql/service/sources/introspection/build-catalog';
import type { Rows } from '../../subgraphs/sql/service/sources/introspection/reader';
import { postgresReader } from '../../subgraphs/sql/service/sources/postgresql/postgresql-reader';
import { startPostgres } from '../../test/kit/postgres';
import type { TestPostgres } from '../../test/kit/postgres';
import type { AsyncDatabase } from './duckdb';

export const isPostgresDump = (file: string): boolean => /^CREATE TABLE public\./m.test(readFileSync(file, 'utf8'));

export class PostgresSources {
  private server: Promise<TestPostgres> | undefined;

  async open(folder: string, id: string): Promise<AsyncDatabase> {
    this.server ??= startPostgres();
    const server = await this.server;
    const name = await server.createDatabase();
    const client = new Client({ connectionString: server.url(name), types: { getTypeParser: (oid: number) => parserOf(oid) } });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(readFileSync(path.join(folder, `${id}.sql`), 'utf8'));
    await client.query("set statement_timeout = '20s'; set search_path = public");
    const rows = async (sql: string): Promise<Rows> => (await client.query({ text: sql, rowMode: 'array' })).rows as Rows;
    return { catalog: await buildCatalog(postgresReader(rows, 'public')), rows, close: () => client.end() };
  }

  async stop(): Promise<void> {
    await (await this.server)?.stop();
  }
}

// Numbers as numbers (int2, int4, int8, float4, float8, numeric), JSON parsed, the rest as PostgreSQL writes it.
const parserOf = (oid: number): ((text: string) => unknown) => {
  if ([20, 21, 23, 700, 701, 1700].includes(oid)) return Number;
  if (oid === 16) return (text) => text === 't';
  if (oid === 114 || oid === 3802) return JSON.parse as (text: string) => unknown;
  return (text) => text;
};
