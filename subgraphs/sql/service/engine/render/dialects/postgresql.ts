import type { SqlDialect } from '../sql-dialect';
import { standard } from './common';

export const postgresql: SqlDialect = {
  ...standard,
  name: 'postgresql',
  bucket: (sql, grain) => (grain === 'hour' ? `date_trunc('hour', ${sql})` : `CAST(date_trunc('${grain}', ${sql}) AS DATE)`),
  // Without the prefix TM the names are English in every session.
  partName: (sql, part) => `to_char(${sql}, '${part === 'weekday' ? 'FMDay' : 'FMMonth'}')`,
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern} ESCAPE '!'`,
};
