import type { Dialect } from '../engine/catalog';
import { parseDuckdb } from './duckdb-parser';
import { UnreadableSql } from './ir';
import { parsePortable } from './portable';
import { parsePostgres } from './postgres-parser';
import type { ParsedSql } from './parsed-sql';

/** Reads one SELECT with the engine's own parser, or with the portable one that writes what it has read. Throws UnreadableSql. */
export async function parseSql(sql: string, dialect: Dialect): Promise<ParsedSql> {
  const text = sql.trim().replace(/(?:;\s*)+$/, '');
  if (text === '') throw new UnreadableSql('the statement is empty', 'syntax_error', 0);
  try {
    if (dialect === 'duckdb') {
      const { query, parameters } = await parseDuckdb(text);
      // The sandbox's DuckDB has the very parser that was asked here, so that its reading is this one.
      return { query, sql: text, parameters };
    }
    if (dialect === 'postgresql') return parsePostgres(text);
    return parsePortable(text, dialect);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new UnreadableSql('the statement is nested too deeply', 'security_violation');
    throw thrown;
  }
}
