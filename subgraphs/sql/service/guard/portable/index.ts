import type { Dialect } from '../../engine/catalog';
import type { ParsedSql } from '../parsed-sql';
import { printQuery } from './printer';
import { QueryParser } from './query-parser';

/**
 * Reads a statement of a dialect whose engine's own parser is not at hand, and writes it anew from the tree. The reader knows a plain
 * subset; what it misreads, the engine never sees, since it gets only what the printer wrote.
 */
export function parsePortable(sql: string, dialect: Dialect): ParsedSql {
  const parser = new QueryParser(sql, dialect);
  const query = parser.statement();
  return { query, sql: printQuery(query, { dialect }), parameters: parser.parameters };
}

export { printQuery, type PrintOptions } from './printer';
