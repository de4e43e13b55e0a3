import type { SqlDialect } from '../sql-dialect';
import { backslashText, quoting, standard } from './common';

export const bigquery: SqlDialect = {
  ...standard,
  name: 'bigquery',
  identifier: quoting('`', 'none'),
  text: backslashText,
  bucket: (sql, grain, type) =>
    `${type === 'date' ? 'DATE' : 'TIMESTAMP'}_TRUNC(${sql}, ${grain === 'week' ? 'WEEK(MONDAY)' : grain.toUpperCase()})`,
  part: (sql, part) => (part === 'weekday' ? `EXTRACT(DAYOFWEEK FROM ${sql}) - 1` : `EXTRACT(${part.toUpperCase()} FROM ${sql})`),
  // No ESCAPE clause here: a backslash escapes, and the pattern was written with `!`.
  like: (sql, pattern, negated) =>
    `LOWER(${sql}) ${negated ? 'NOT ' : ''}LIKE LOWER(${pattern.replace(/!([%_!])/g, (_, mark: string) => (mark === '!' ? '!' : `\\\\${mark}`))})`,
  divide: (left, right) => `SAFE_DIVIDE(${left}, ${right})`,
  quantile: (sql, fraction) => `APPROX_QUANTILES(${sql}, 1000)[OFFSET(${Math.round(fraction * 1000)})]`,
  deviation: (sql) => `STDDEV_SAMP(${sql})`,
  estimates: 'BigQuery estimates medians and percentiles.',
};
