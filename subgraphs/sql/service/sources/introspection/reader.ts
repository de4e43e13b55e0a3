import type { CatalogColumn, CatalogTable, Dialect } from '../../engine/catalog';
import type { Cell } from '../../sandbox';

export type Rows = readonly (readonly Cell[])[];

/** How a catalog is read from one engine: what only the engine knows, and how it writes what all of them can do. */
export interface IntrospectionReader {
  readonly dialect: Dialect;
  quote(name: string): string;
  /** Runs SQL of this service. */
  rows(sql: string): Promise<Rows>;
  /** Tables and views with columns, declared keys, comments and, where the engine keeps one, an estimated row count; statistics follow. */
  tables(): Promise<CatalogTable[]>;
  /** A function that estimates distinct values over many rows, where the engine has one. */
  readonly approximateDistinct?: string;
  /** Rows above which statistics come from the first so many only. Infinity for an engine that scans fast enough. */
  readonly sampleRows: number;
  /** True where text may hold dates that the engine's date functions understand. */
  readonly datesAreText?: boolean;
}

export const tableName = (reader: Pick<IntrospectionReader, 'quote'>, table: Pick<CatalogTable, 'name' | 'schema'>): string =>
  table.schema ? `${reader.quote(table.schema)}.${reader.quote(table.name)}` : reader.quote(table.name);

export const emptyColumn = (name: string, declaredType: string, type: CatalogColumn['type']): CatalogColumn => ({
  name,
  declaredType,
  type,
});
