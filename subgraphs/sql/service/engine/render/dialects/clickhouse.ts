import type { SqlDialect } from '../sql-dialect';
import { backslashText, quoting, standard } from './common';

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);

export const clickhouse: SqlDialect = {
  ...standard,
  name: 'clickhouse',
  identifier: quoting('`', 'none'),
  text: backslashText,
  date: (iso) => `toDate('${iso.slice(0, 10)}')`,
  timestamp: (iso) => `toDateTime('${iso.slice(0, 19).replace('T', ' ')}')`,
  boolean: (value) => (value ? 'true' : 'false'),
  bucket: (sql, grain) => (grain === 'week' ? `toMonday(${sql})` : `toStartOf${capital(grain)}(${sql})`),
  part: (sql, part) =>
    part === 'weekday' ? `toDayOfWeek(${sql}) % 7` : part === 'day' ? `toDayOfMonth(${sql})` : `to${capital(part)}(${sql})`,
  // No ESCAPE clause here: a backslash escapes, and the pattern was written with `!`.
  like: (sql, pattern, negated) =>
    `${sql} ${negated ? 'NOT ' : ''}ILIKE ${pattern.replace(/!([%_!])/g, (_, mark: string) => (mark === '!' ? '!' : `\\\\${mark}`))}`,
  divide: (left, right) => `${left} / nullIf(${right}, 0)`,
  quantile: (sql, fraction) => `quantileExactInclusive(${fraction})(${sql})`,
  deviation: (sql) => `stddevSamp(${sql})`,
};
