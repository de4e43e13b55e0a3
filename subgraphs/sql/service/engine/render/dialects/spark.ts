import type { SqlDialect } from '../sql-dialect';
import { backslashText, quoting, standard } from './common';

export const spark: SqlDialect = {
  ...standard,
  name: 'spark',
  identifier: quoting('`', 'none'),
  text: backslashText,
  same: (left, right) => `${left} <=> ${right}`,
  part: (sql, part) => (part === 'weekday' ? `dayofweek(${sql}) - 1` : `${part}(${sql})`),
  quantile: (sql, fraction) => `percentile(${sql}, ${fraction})`,
};
