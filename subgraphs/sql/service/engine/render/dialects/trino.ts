import type { SqlDialect } from '../sql-dialect';
import { quoting, standard } from './common';

export const trino: SqlDialect = {
  ...standard,
  name: 'trino',
  identifier: quoting('"', 'none'),
  part: (sql, part) => `extract(${part === 'weekday' ? 'DAY_OF_WEEK' : part.toUpperCase()} FROM ${sql})${part === 'weekday' ? ' % 7' : ''}`,
  divide: (left, right) => `CAST(${left} AS DOUBLE) / NULLIF(${right}, 0)`,
  quantile: (sql, fraction) => `approx_percentile(${sql}, ${fraction})`,
  estimates: 'Trino estimates medians and percentiles.',
};
