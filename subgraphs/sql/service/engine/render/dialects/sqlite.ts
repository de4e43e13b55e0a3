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
  same: (left, right) => `${left} IS ${right}`,
  part: (sql, part) =>
    part === 'quarter' ? `((CAST(strftime('%m', ${sql}) AS INTEGER) + 2) / 3)` : `CAST(strftime('${formats[part]}', ${sql}) AS INTEGER)`,
  like: (sql, pattern, negated) => `${sql} ${negated ? 'NOT ' : ''}LIKE ${pattern}${pattern.includes('!') ? " ESCAPE '!'" : ''}`,
  // SQLite has no quantile aggregate: the values around the place are taken out of their ordered list.
  quantile(sql, fraction) {
    const list = `json_group_array(${sql} ORDER BY ${sql}) FILTER (WHERE ${sql} IS NOT NULL)`;
    const place = `(count(${sql}) - 1) * ${fraction}`;
    const floor = `CAST(${place} AS INTEGER)`;
    const at = (position: string): string => `json_extract(${list}, '$[' || (${position}) || ']')`;
    const [low, high] = [at(floor), at(`${floor} + (${place} > ${floor})`)];
    return `${low} + (${place} - ${floor}) * (${high} - ${low})`;
  },
  // Written out from its definition; null for a single value.
  deviation: (sql) =>
    `sqrt(max(0, (sum(1.0 * ${sql} * ${sql}) - 1.0 * sum(${sql}) * sum(${sql}) / count(${sql})) / nullif(count(${sql}) - 1, 0)))`,
};
