import type { Dialect } from '../engine/catalog';
import { UnreadableSql, type Query } from './ir';
import { bracketDepth, maxNesting } from './nesting';
import { parseSql } from './parse';
import { maxSqlCharacters } from './rules';
import { fromItems, queriesOf } from './walk';

/** Names of the tables of a statement, without schema; none where it cannot be read. For finding the source that a statement is about. */
export async function tablesOf(sql: string, dialect: Dialect = 'duckdb'): Promise<string[]> {
  if (sql.length > maxSqlCharacters || bracketDepth(sql) > maxNesting) return [];
  try {
    return tableNames((await parseSql(sql, dialect)).query);
  } catch (thrown) {
    if (thrown instanceof UnreadableSql || thrown instanceof RangeError) return [];
    throw thrown;
  }
}

function tableNames(query: Query): string[] {
  const queries = [...queriesOf(query)];
  const common = new Set(queries.flatMap((inner) => inner.with.map(({ name }) => name.toLowerCase())));
  const names = new Set<string>();
  for (const { body } of queries) {
    if (body.kind !== 'select') continue;
    for (const item of fromItems(body.from)) if (item.kind === 'table' && !common.has(item.name.toLowerCase())) names.add(item.name);
  }
  return [...names];
}
