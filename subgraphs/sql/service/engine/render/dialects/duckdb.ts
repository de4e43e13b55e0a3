import type { SqlDialect } from '../sql-dialect';
import { quoting, standard } from './common';

export const duckdb: SqlDialect = {
  ...standard,
  name: 'duckdb',
  identifier: quoting('"', 'none'),
  bucket: (sql, grain) => (grain === 'hour' ? `date_trunc('hour', ${sql})` : `CAST(date_trunc('${grain}', ${sql}) AS DATE)`),
  partName: (sql, part) => (part === 'weekday' ? `dayname(${sql})` : `monthname(${sql})`),
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern} ESCAPE '!'`,
  quantile: (sql, fraction) => (fraction === 0.5 ? `median(${sql})` : `quantile_cont(${sql}, ${fraction})`),
};
