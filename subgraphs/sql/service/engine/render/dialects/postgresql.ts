import type { SqlDialect } from '../sql-dialect';
import { standard } from './common';

export const postgresql: SqlDialect = {
  ...standard,
  name: 'postgresql',
  bucket: (sql, grain) => (grain === 'hour' ? `date_trunc('hour', ${sql})` : `CAST(date_trunc('${grain}', ${sql}) AS DATE)`),
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern} ESCAPE '!'`,
};
