import type { Catalog, CatalogColumn, CatalogTable, Dialect } from '../catalog';
import type { SemanticModel } from '../../semantic-model/types';

/** The catalog and the semantic model, compiled once for linking: tables and columns by number, names split, keys and joins resolved. */
export interface Schema {
  dialect: Dialect;
  catalog: Catalog;
  model: SemanticModel;
  tables: SchemaTable[];
  columns: SchemaColumn[];
  edges: SchemaEdge[];
  tableByName: ReadonlyMap<string, SchemaTable>;
  /** In how many table and column names a stem occurs; rare stems weigh more. */
  stemFrequency: ReadonlyMap<string, number>;
}

export interface SchemaTable {
  id: number;
  name: string;
  source: CatalogTable;
  rowCount: number;
  /** The words of the name, abbreviations expanded, and their stems. */
  words: string[];
  stems: string[];
  /** Other names from the semantic model, each split in words and stems. */
  aliases: NameForm[];
  columns: SchemaColumn[];
  primaryKey: SchemaColumn[];
  /** The column shown for a row of this table. */
  title?: SchemaColumn;
  /** The column that a period of time means when the question names none. */
  time?: SchemaColumn;
  /** A table that only links others: nearly all its columns are keys. */
  bridge: boolean;
  hidden: boolean;
}

export interface SchemaColumn {
  id: number;
  name: string;
  table: SchemaTable;
  source: CatalogColumn;
  type: CatalogColumn['type'];
  words: string[];
  stems: string[];
  /** Without the words that the table's name has too; the same list where nothing would be left. */
  ownStems: string[];
  aliases: NameForm[];
  isKey: boolean;
  isForeignKey: boolean;
  /** Looks like an identifier or code: never summed. */
  isId: boolean;
  isName: boolean;
  isNumeric: boolean;
  isTime: boolean;
  isText: boolean;
  isUnique: boolean;
  hidden: boolean;
}

export interface NameForm {
  words: string[];
  stems: string[];
  /** `model`: a synonym of the semantic model; `comment`: the source's comment; `title`: the dimension's or entity's own name. */
  origin: 'model' | 'comment' | 'title';
}

/** A foreign key: many rows of `from` belong to one row of `to`. */
export interface SchemaEdge {
  id: number;
  from: SchemaColumn[];
  to: SchemaColumn[];
  /** The name that tells parallel joins between two tables apart. */
  role: string;
  cost: number;
  oneToOne: boolean;
}
