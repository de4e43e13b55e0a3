import { errors } from '#platform/errors';

import type { Dialect } from '../engine/catalog';
import { UnreadableSql, type Query } from './ir';
import { bracketDepth, maxNesting } from './nesting';
import { parseSql } from './parse';
import { maxSqlCharacters } from './rules';
import { fromItems, queriesOf } from './walk';

/**
 * Names of the tables of a statement, without schema, for finding the source that it is about; none where it cannot be read. What no
 * source would run is SQL_REJECTED here already: a write needs no source to be refused.
 */
export async function tablesOf(sql: string, dialect: Dialect = 'duckdb'): Promise<string[]> {
  if (sql.length > maxSqlCharacters || bracketDepth(sql) > maxNesting) return [];
  try {
    return tableNames((await parseSql(sql, dialect)).query);
  } catch (thrown) {
    if (thrown instanceof UnreadableSql && thrown.type === 'security_violation')
      throw errors.SQL_REJECTED({ reason: thrown.message }, { cause: thrown });
    if (thrown instanceof UnreadableSql) return [];
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
