import type { SqlDialect } from '../sql-dialect';
import { quoting, standard } from './common';

export const duckdb: SqlDialect = {
  ...standard,
  name: 'duckdb',
  identifier: quoting('"', 'none'),
  bucket: (sql, grain, type) =>
    grain === 'hour' || type === 'date' ? `date_trunc('${grain}', ${sql})` : `CAST(date_trunc('${grain}', ${sql}) AS DATE)`,
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern} ESCAPE '!'`,
  aggregate: (fn, sql) => `${fn === 'median' ? 'median' : 'stddev'}(${sql})`,
};
