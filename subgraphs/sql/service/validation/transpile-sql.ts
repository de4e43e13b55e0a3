import type { Dialect } from '../engine/catalog';
import { parseSql, printQuery, queriesOf, ownExpressions, UnreadableSql, type Call, type Expression, type Query } from '../guard';
import type { Transpilation } from './types';

export interface TranspileSqlInput {
  readonly sql: string;
  readonly sourceDialect: Dialect;
  readonly targetDialect: Dialect;
}

const preview = 'This is a preview: it was written from the statement’s tree and has not been run on the target engine.';

/** Writes a statement for another engine, or says why it does not: a wrong rewriting is worse than none. Never executed. */
export async function transpileSql({ sql, sourceDialect, targetDialect }: TranspileSqlInput): Promise<Transpilation> {
  const warnings = [preview];
  try {
    const { query } = await parseSql(sql, sourceDialect);
    if (sourceDialect === targetDialect) return { sql: sql.trim().replace(/(?:;\s*)+$/, ''), dialect: targetDialect, warnings };
    warnings.push(...differences(query, sourceDialect, targetDialect));
    const written = printQuery(query, {
      dialect: targetDialect,
      call: (call, print) => rewriteCall(call, print, targetDialect),
      type: (type) => typeFor(type, targetDialect),
    });
    return { sql: written, dialect: targetDialect, warnings };
  } catch (thrown) {
    if (thrown instanceof UnreadableSql || thrown instanceof RangeError)
      return { sql: null, dialect: targetDialect, warnings: [thrown.message] };
    throw thrown;
  }
}

/** Functions that mean the same under the same name and arguments on every engine of the list. */
const everywhere = new Set(
  'count sum avg min max abs ceil floor round sqrt power exp ln coalesce nullif lower upper trim ltrim rtrim replace row_number rank dense_rank lag lead first_value last_value ntile cast'.split(
    ' ',
  ),
);
const notInSqlite = new Set(['greatest', 'least', 'concat', 'extract']);

const unsafe = (call: Call, target: Dialect): never => {
  throw new UnreadableSql(`${call.name} has no counterpart on ${target} that is known to mean the same`, 'security_violation');
};

const constantText = (expression: Expression | undefined): string | undefined =>
  expression?.kind === 'constant' && typeof expression.value === 'string' ? expression.value.toLowerCase() : undefined;

type Print = (expression: Expression) => string;

function rewriteCall(call: Call, print: Print, target: Dialect): string | null {
  if (call.name === 'date_trunc' || call.name === 'datetrunc') return truncation(call, print, target);
  if (call.name === 'date_part' || call.name === 'extract') return part(call, print, target);
  if (call.name === 'now' || call.name === 'current_timestamp') return target === 'clickhouse' ? 'now()' : 'CURRENT_TIMESTAMP';
  if (call.name === 'today' || call.name === 'current_date')
    return target === 'clickhouse' ? 'today()' : target === 'bigquery' ? 'CURRENT_DATE()' : 'CURRENT_DATE';
  if (['string_agg', 'listagg', 'group_concat'].includes(call.name)) return textAggregate(call, print, target);
  if (call.filter && !['duckdb', 'postgresql', 'sqlite', 'trino', 'spark'].includes(target)) return unsafe(call, target);
  if (everywhere.has(call.name)) return null;
  if (notInSqlite.has(call.name) && target !== 'sqlite') return null;
  if (call.name === 'length' || call.name === 'char_length')
    return `${target === 'clickhouse' ? 'lengthUTF8' : target === 'mysql' ? 'CHAR_LENGTH' : 'LENGTH'}(${print(call.arguments[0]!)})`;
  return unsafe(call, target);
}

const grains: readonly string[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];

function truncation(call: Call, print: Print, target: Dialect): string {
  const [first, second] = call.arguments;
  const grain = constantText(first);
  if (!grain || !grains.includes(grain) || !second) return unsafe(call, target);
  const value = print(second);
  switch (target) {
    case 'duckdb':
    case 'postgresql':
    case 'trino':
    case 'snowflake':
    case 'spark':
      return `DATE_TRUNC('${grain}', ${value})`;
    case 'bigquery':
      return `TIMESTAMP_TRUNC(${value}, ${grain === 'week' ? 'ISOWEEK' : grain.toUpperCase()})`;
    case 'clickhouse':
      return grain === 'week' ? `toMonday(${value})` : `toStartOf${grain[0]!.toUpperCase()}${grain.slice(1)}(${value})`;
    case 'mysql':
      return (
        {
          day: `DATE(${value})`,
          month: `DATE(DATE_FORMAT(${value}, '%Y-%m-01'))`,
          year: `MAKEDATE(YEAR(${value}), 1)`,
          week: `DATE(DATE_SUB(${value}, INTERVAL WEEKDAY(${value}) DAY))`,
        }[grain] ?? unsafe(call, target)
      );
    default:
      return (
        { day: `date(${value})`, month: `strftime('%Y-%m-01', ${value})`, year: `strftime('%Y-01-01', ${value})` }[grain] ??
        unsafe(call, target)
      );
  }
}

function part(call: Call, print: Print, target: Dialect): string {
  const [first, second] = call.arguments;
  const unit = first?.kind === 'word' ? first.word : constantText(first);
  if (!unit || !second || !['year', 'quarter', 'month', 'day', 'hour', 'minute'].includes(unit)) return unsafe(call, target);
  const value = print(second);
  if (target === 'sqlite') {
    const format = { year: '%Y', month: '%m', day: '%d', hour: '%H', minute: '%M' }[unit];
    return format ? `CAST(strftime('${format}', ${value}) AS INTEGER)` : unsafe(call, target);
  }
  if (target === 'clickhouse') return `${unit === 'day' ? 'toDayOfMonth' : `to${unit[0]!.toUpperCase()}${unit.slice(1)}`}(${value})`;
  return `EXTRACT(${unit.toUpperCase()} FROM ${value})`;
}

function textAggregate(call: Call, print: Print, target: Dialect): string {
  const [value, second] = call.arguments;
  const separator =
    call.separator ?? (second?.kind === 'constant' && typeof second.value === 'string' ? second.value : second ? undefined : ',');
  if (!value || separator === undefined || call.order || call.distinct || call.filter) return unsafe(call, target);
  const text = print({ kind: 'constant', value: separator });
  if (target === 'mysql') return `GROUP_CONCAT(${print(value)} SEPARATOR ${text})`;
  if (target === 'sqlite') return `group_concat(${print(value)}, ${text})`;
  if (target === 'clickhouse') return `arrayStringConcat(groupArray(${print(value)}), ${text})`;
  if (target === 'trino' || target === 'spark')
    return `array_join(${target === 'trino' ? 'array_agg' : 'collect_list'}(${print(value)}), ${text})`;
  return `${target === 'snowflake' ? 'LISTAGG' : 'STRING_AGG'}(${print(value)}, ${text})`;
}

const typeNames: Readonly<Partial<Record<Dialect, Readonly<Record<string, string>>>>> = {
  mysql: { INTEGER: 'SIGNED', INT: 'SIGNED', BIGINT: 'SIGNED', VARCHAR: 'CHAR', TEXT: 'CHAR', TIMESTAMP: 'DATETIME' },
  clickhouse: {
    INTEGER: 'Int32',
    INT: 'Int32',
    BIGINT: 'Int64',
    VARCHAR: 'String',
    TEXT: 'String',
    DOUBLE: 'Float64',
    DATE: 'Date',
    TIMESTAMP: 'DateTime',
  },
  bigquery: {
    INTEGER: 'INT64',
    INT: 'INT64',
    BIGINT: 'INT64',
    VARCHAR: 'STRING',
    TEXT: 'STRING',
    DOUBLE: 'FLOAT64',
    INT4: 'INT64',
    INT8: 'INT64',
  },
  postgresql: { DOUBLE: 'double precision', STRING: 'text' },
};
const postgresNames: Readonly<Record<string, string>> = {
  INT4: 'INTEGER',
  INT8: 'BIGINT',
  FLOAT8: 'DOUBLE',
  BOOL: 'BOOLEAN',
  TIMESTAMPTZ: 'TIMESTAMP',
};

function typeFor(type: string, target: Dialect): string {
  const upper = type.toUpperCase();
  const plain = postgresNames[upper] ?? upper;
  return typeNames[target]?.[plain] ?? plain;
}

/** What means something else on the target although it is written the same. */
function differences(query: Query, source: Dialect, target: Dialect): string[] {
  const notes = new Set<string>();
  const integerDivision = new Set<Dialect>(['postgresql', 'sqlite', 'trino']);
  for (const inner of queriesOf(query)) {
    if (inner.order.some(({ nulls }) => nulls === undefined)) notes.add('Where empty values are sorted may differ.');
    for (const expression of ownExpressions(inner)) {
      if (expression.kind === 'operator' && expression.name === '/' && integerDivision.has(source) !== integerDivision.has(target))
        notes.add('Dividing whole numbers gives a whole number on one of the engines and a fraction on the other.');
      if (
        expression.kind === 'operator' &&
        /like/.test(expression.name) &&
        (['mysql', 'sqlite'].includes(source) || ['mysql', 'sqlite'].includes(target))
      )
        notes.add('LIKE tells upper from lower case on one of the engines only.');
      if (expression.kind === 'call' && ['lag', 'lead'].includes(expression.name) && target === 'clickhouse')
        notes.add('ClickHouse answers 0 or empty text, not NULL, beyond the first and last row.');
      if (expression.kind === 'cast' && expression.safe)
        notes.add('A cast that fails answers NULL on the source engine; check it on the target.');
    }
  }
  return [...notes];
}
