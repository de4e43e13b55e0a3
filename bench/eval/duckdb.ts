import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Catalog } from '../../subgraphs/sql/service/engine/catalog';
import { duckdbReader } from '../../subgraphs/sql/service/sources/duckdb/duckdb-reader';
import { buildCatalog } from '../../subgraphs/sql/service/sources/introspection/build-catalog';
import type { Rows } from '../../subgraphs/sql/service/sources/introspection/reader';

export const duckdbFile = (folder: string, id: string): string | undefined => {
  const file = path.join(folder, `${id}.duckdb`);
  return existsSync(file) ? file : undefined;
};

export interface AsyncDatabase {
  readonly catalog: Catalog;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

export const openDuckdb = async (file: string): Promise<AsyncDatabase> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<Rows> => (await connection.runAndReadAll(sql)).getRowsJson() as Rows;
  const catalog = await buildCatalog(duckdbReader(rows));
  return {
    catalog,
    rows,
    close: async () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
};
