import type { TimeGrain } from '../../tree';
import type { SqlDialect } from '../sql-dialect';
import { backslashText, quoting, standard } from './common';

const buckets: Record<TimeGrain, (sql: string) => string> = {
  hour: (sql) => `DATE_FORMAT(${sql}, '%Y-%m-%d %H:00:00')`,
  day: (sql) => `DATE(${sql})`,
  week: (sql) => `DATE(DATE_SUB(${sql}, INTERVAL WEEKDAY(${sql}) DAY))`,
  month: (sql) => `DATE(DATE_FORMAT(${sql}, '%Y-%m-01'))`,
  quarter: (sql) => `MAKEDATE(YEAR(${sql}), 1) + INTERVAL QUARTER(${sql}) - 1 QUARTER`,
  year: (sql) => `DATE(DATE_FORMAT(${sql}, '%Y-01-01'))`,
};

export const mysql: SqlDialect = {
  ...standard,
  name: 'mysql',
  identifier: quoting('`', 'none'),
  text: backslashText,
  bucket: (sql, grain) => buckets[grain](sql),
  part: (sql, part) => (part === 'weekday' ? `DAYOFWEEK(${sql}) - 1` : `EXTRACT(${part.toUpperCase()} FROM ${sql})`),
  // MySQL and MariaDB have no median aggregate: the middle of the ordered list of values is cut out of it.
  aggregate: (fn, sql) =>
    fn === 'stddev'
      ? `STDDEV_SAMP(${sql})`
      : `CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(GROUP_CONCAT(${sql} ORDER BY ${sql}), ',', CEIL(COUNT(${sql}) / 2)), ',', -1) AS DECIMAL(30, 6))`,
};
