import type { SqlDialect } from '../sql-dialect';
import { quoting, standard } from './common';

export const snowflake: SqlDialect = {
  ...standard,
  name: 'snowflake',
  // Unquoted names fold to upper case; a name is left bare only where that is how it is stored.
  identifier: quoting('"', 'upper'),
  part: (sql, part) => `${part === 'weekday' ? 'DAYOFWEEK' : part.toUpperCase()}(${sql})`,
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern} ESCAPE '!'`,
};
