/**
 * What is known about a source: its tables, columns, keys and statistics. Plain JSON, filled by a source adapter (introspection)
 * and read by the engine and by the semantic model's draft. Names are spelled as the source spells them.
 */
export interface Catalog {
  /** SQL dialect of the source. */
  dialect: Dialect;
  tables: CatalogTable[];
  /** Changes whenever the schema or the statistics change; part of cache keys. */
  version?: string;
}

export const dialects = ['duckdb', 'postgresql', 'sqlite', 'mysql', 'clickhouse', 'trino', 'spark', 'bigquery', 'snowflake'] as const;
export type Dialect = (typeof dialects)[number];

export const columnTypes = ['text', 'integer', 'number', 'boolean', 'date', 'timestamp', 'time', 'json', 'binary', 'other'] as const;
/** The type as observed in the rows: a text column that holds only dates is a `date`. */
export type ColumnType = (typeof columnTypes)[number];

export interface CatalogTable {
  name: string;
  /** Schema or database that the table lives in; absent for the default one. */
  schema?: string;
  kind?: 'table' | 'view';
  rowCount?: number;
  columns: CatalogColumn[];
  primaryKey: string[];
  foreignKeys: ForeignKey[];
  comment?: string;
}

export interface CatalogColumn {
  name: string;
  /** The type as the source writes it, such as `varchar(40)`. */
  declaredType: string;
  type: ColumnType;
  nullable?: boolean;
  distinctCount?: number;
  nullCount?: number;
  min?: string | number | null;
  max?: string | number | null;
  /** Distinct values, at most 5,000, of text columns and of columns with few distinct values. */
  values?: (string | number)[];
  /** True when `values` holds every distinct value. */
  valuesComplete?: boolean;
  comment?: string;
}

export interface ForeignKey {
  columns: string[];
  table: string;
  targetColumns: string[];
  /** `inferred`: same name as a key and at least 95 % of the values found there. */
  origin: 'declared' | 'inferred';
}

/** Distinct text values that the value index keeps of one column. */
export const MAX_VALUES_PER_COLUMN = 5_000;
