import { months, weekdays } from '../../lexicon/en/calendar';
import type { SqlDialect } from '../sql-dialect';

const reserved = new Set(
  `all alter and any array as asc between both by case cast check column constraint create cross cube current current_date current_time current_timestamp date default delete desc describe distinct do drop else end escape except
  exists explain false fetch filter first for foreign from full grant group grouping having if in index inner insert intersect interval into is join key keys kill language last lateral leading left like limit lock match merge natural
  no not null nulls of offset on only option or order outer over partition percent plan position primary procedure qualify range rank read references rename replace returning revoke right rollup row rows sample schema select session set
  show some start system table tables then time timestamp to trailing trigger true truncate union unique unpivot update use user using value values view when where window with year month day hour minute second function double
  character char int integer float real decimal numeric number text type types comment database end-exec exec execute absolute action add after before begin cascade close commit connection continue cursor declare`.split(
    /\s+/,
  ),
);

/** Quotes a name unless it is a plain word that the engine reads back unchanged. */
export const quoting = (mark: '"' | '`', folds: 'lower' | 'upper' | 'none') => {
  const plain = folds === 'lower' ? /^[a-z_][a-z0-9_]*$/ : folds === 'upper' ? /^[A-Z_][A-Z0-9_]*$/ : /^[A-Za-z_][A-Za-z0-9_]*$/;
  return (name: string): string =>
    plain.test(name) && !reserved.has(name.toLowerCase()) ? name : `${mark}${name.split(mark).join(mark + mark)}${mark}`;
};

/** Standard SQL: quotes are doubled and nothing else is special. */
export const standardText = (value: string): string => `'${value.replace(/\0/g, '').replace(/'/g, "''")}'`;
/** Engines in which a backslash escapes. */
export const backslashText = (value: string): string => `'${value.replace(/\0/g, '').replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;

/** For engines whose functions for names are missing, shorten them, or speak the language of the session. */
const writtenNames = (number: string, part: 'weekday' | 'month'): string => {
  const names = part === 'weekday' ? weekdays.map((name, i) => [i, name]) : months.map((name, i) => [i + 1, name]);
  return `CASE ${number} ${names.map(([value, name]) => `WHEN ${value} THEN '${name}'`).join(' ')} END`;
};

/** What most engines share; a dialect overrides what differs. */
export const standard = {
  identifier: quoting('"', 'lower'),
  text: standardText,
  date: (iso) => `DATE '${iso.slice(0, 10)}'`,
  timestamp: (iso) => `TIMESTAMP '${iso.slice(0, 19).replace('T', ' ')}'`,
  boolean: (value) => (value ? 'TRUE' : 'FALSE'),
  bucket: (sql, grain) => `date_trunc('${grain}', ${sql})`,
  part: (sql, part) => `extract(${part === 'weekday' ? 'dow' : part} FROM ${sql})`,
  partName(sql, part) {
    return writtenNames(this.part(sql, part), part);
  },
  like: (sql, pattern, negated) => `LOWER(${sql}) ${negated ? 'NOT ' : ''}LIKE LOWER(${pattern}) ESCAPE '!'`,
  same: (left, right) => `${left} IS NOT DISTINCT FROM ${right}`,
  divide: (left, right) => `1.0 * ${left} / NULLIF(${right}, 0)`,
  quantile: (sql, fraction) => `percentile_cont(${fraction}) WITHIN GROUP (ORDER BY ${sql})`,
  deviation: (sql) => `stddev_samp(${sql})`,
} satisfies Omit<SqlDialect, 'name'>;
