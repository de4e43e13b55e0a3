import type { Dialect } from '../../engine/catalog';

/** How a dialect writes names and text: what its lexer takes and its printer gives. */
export interface Lexical {
  /** Marks around a quoted name; the first one is written. */
  readonly names: readonly ('"' | '`')[];
  /** Marks around text; the first one is written. */
  readonly texts: readonly ("'" | '"')[];
  /** A backslash in text begins an escape. */
  readonly backslash: boolean;
}

const standard: Lexical = { names: ['"'], texts: ["'"], backslash: false };
const backticked: Lexical = { names: ['`'], texts: ["'", '"'], backslash: true };

export const lexicalOf: Readonly<Record<Dialect, Lexical>> = {
  duckdb: standard,
  postgresql: standard,
  sqlite: { ...standard, names: ['"', '`'] },
  trino: standard,
  snowflake: { ...standard, backslash: true },
  mysql: backticked,
  spark: backticked,
  bigquery: backticked,
  clickhouse: { names: ['`', '"'], texts: ["'"], backslash: true },
};

/** Text as a literal that this dialect reads back as the very same text. */
export function writeText(value: string, dialect: Dialect): string {
  const escaped = lexicalOf[dialect].backslash ? value.replaceAll('\\', '\\\\') : value;
  return `'${escaped.replaceAll("'", "''")}'`;
}

/** A quoted name. Always quoted: no word list decides whether a name is a keyword. */
export function writeName(name: string, dialect: Dialect): string {
  const [mark] = lexicalOf[dialect].names;
  return `${mark!}${name.replaceAll(mark!, mark! + mark!)}${mark!}`;
}
