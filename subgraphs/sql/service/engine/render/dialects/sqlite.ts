import type { DatePart, TimeGrain } from '../../tree';
import type { SqlDialect } from '../sql-dialect';
import { quoting, standard, standardText } from './common';

// SQLite keeps dates as ISO text, so buckets and literals are text as well.
const buckets: Record<TimeGrain, (sql: string) => string> = {
  hour: (sql) => `strftime('%Y-%m-%d %H:00:00', ${sql})`,
  day: (sql) => `date(${sql})`,
  week: (sql) => `date(${sql}, 'weekday 0', '-6 days')`,
  month: (sql) => `strftime('%Y-%m-01', ${sql})`,
  quarter: (sql) => `printf('%s-%02d-01', strftime('%Y', ${sql}), (CAST(strftime('%m', ${sql}) AS INTEGER) - 1) / 3 * 3 + 1)`,
  year: (sql) => `strftime('%Y-01-01', ${sql})`,
};
const formats: Record<Exclude<DatePart['part'], 'quarter'>, string> = { year: '%Y', month: '%m', day: '%d', weekday: '%w', hour: '%H' };

export const sqlite: SqlDialect = {
  ...standard,
  name: 'sqlite',
  identifier: quoting('"', 'none'),
  date: (iso) => standardText(iso.slice(0, 10)),
  timestamp: (iso) => standardText(/T00:00:00/.test(iso) ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ')),
  boolean: (value) => (value ? '1' : '0'),
  bucket: (sql, grain) => buckets[grain](sql),
  part: (sql, part) =>
    part === 'quarter' ? `((CAST(strftime('%m', ${sql}) AS INTEGER) + 2) / 3)` : `CAST(strftime('${formats[part]}', ${sql}) AS INTEGER)`,
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}LIKE ${pattern}${pattern.includes('!') ? " ESCAPE '!'" : ''}`,
  lacks: { median: 'SQLite has no median; the average is shown instead' },
  // The deviation is written out from its definition.
  aggregate: (fn, sql) => (fn === 'stddev' ? `sqrt(max(0, avg(1.0 * ${sql} * ${sql}) - avg(${sql}) * avg(${sql})))` : `avg(${sql})`),
};
