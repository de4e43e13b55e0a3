import { createHash } from 'node:crypto';

import type { Catalog, CatalogTable } from '../../engine/catalog';
import { inferForeignKeys, inferPrimaryKey } from './keys';
import type { IntrospectionReader } from './reader';
import { addStatistics } from './statistics';

export interface BuildCatalogOptions {
  readonly signal?: AbortSignal;
  /** Time for statistics; tables that come after it have none. @default 60_000 ms */
  readonly budgetMs?: number;
  /** Tables beyond this many are left out, views first. @default 500 */
  readonly maxTables?: number;
}

/** Reads a source's catalog with a bounded amount of work: what costs too much is left out, never guessed. */
export async function buildCatalog(reader: IntrospectionReader, options: BuildCatalogOptions = {}): Promise<Catalog> {
  const { signal, budgetMs = 60_000, maxTables = 500 } = options;
  const deadline = Date.now() + budgetMs;
  const inTime = (): boolean => {
    signal?.throwIfAborted();
    return Date.now() < deadline;
  };
  const found = await reader.tables();
  const tables = [...found].sort((a, b) => Number(a.kind === 'view') - Number(b.kind === 'view')).slice(0, maxTables);
  for (const table of tables) if (inTime()) await tolerate(() => addStatistics(reader, table));
  for (const table of tables) inferPrimaryKey(table);
  if (inTime()) await tolerate(() => inferForeignKeys(reader, tables));
  tables.sort((a, b) => found.indexOf(a) - found.indexOf(b));
  const catalog: Catalog = { dialect: reader.dialect, tables };
  return { ...catalog, version: versionOf(tables) };
}

/** A view that fails when read, a table without the right to read it: it stays in the catalog, without statistics. */
async function tolerate(work: () => Promise<void>): Promise<void> {
  await work().catch((thrown: unknown) => {
    if (thrown instanceof DOMException) throw thrown;
  });
}

const versionOf = (tables: readonly CatalogTable[]): string =>
  createHash('sha256').update(JSON.stringify(tables)).digest('hex').slice(0, 16);
