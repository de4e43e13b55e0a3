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
  same: (left, right) => `${left} <=> ${right}`,
  part: (sql, part) => (part === 'weekday' ? `DAYOFWEEK(${sql}) - 1` : `EXTRACT(${part.toUpperCase()} FROM ${sql})`),
  // MySQL and MariaDB have no quantile aggregate: the values around the place are cut out of their ordered list.
  quantile(sql, fraction) {
    const list = `GROUP_CONCAT(${sql} ORDER BY ${sql})`;
    const place = `(COUNT(${sql}) - 1) * ${fraction}`;
    const at = (position: string): string =>
      `CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(${list}, ',', ${position} + 1), ',', -1) AS DECIMAL(38, 10))`;
    const [low, high] = [at(`FLOOR(${place})`), at(`CEIL(${place})`)];
    return `${low} + (${place} - FLOOR(${place})) * (${high} - ${low})`;
  },
};
