import type { Dialect } from '../../engine/catalog';
import {
  UnreadableSql,
  type Call,
  type Expression,
  type Frame,
  type FrameBound,
  type FromItem,
  type Order,
  type Query,
  type Select,
  type Window,
} from '../ir';
import { writeName, writeText } from './lexical';
import { intervalUnits, isTypeName } from './words';

export interface PrintOptions {
  readonly dialect: Dialect;
  /** How a call is written; null leaves it as it is. For other dialects' names of functions. */
  readonly call?: (call: Call, print: (expression: Expression) => string) => string | null;
  readonly type?: (type: string) => string;
  /** How `$name` is written. @default `$name` */
  readonly parameter?: (name: string) => string;
}

const infix = new Set(
  'and or = <> < <= > >= + - * / % || like ilike glob -> ->> ** // ^ ~ !~ ~* !~* is_distinct is_not_distinct'.split(' '),
);
const suffixes: Readonly<Record<string, string>> = {
  'is null': 'IS NULL',
  'is not null': 'IS NOT NULL',
  'is true': 'IS TRUE',
  'is not true': 'IS NOT TRUE',
  'is false': 'IS FALSE',
  'is not false': 'IS NOT FALSE',
};

/** Words that engines want without brackets or quotes. */
const bareCalls = new Set(['current_date', 'current_time', 'current_timestamp', 'localtime', 'localtimestamp']);
const bareColumns = bareCalls;

const refuse = (what: string): never => {
  throw new UnreadableSql(`${what} cannot be written for this engine`, 'security_violation');
};

/**
 * Writes a query anew from its tree: every name quoted, every text escaped, every operator in brackets. Nothing of the text that was read
 * is copied, so that what the engine reads is the tree that was checked.
 */
export function printQuery(query: Query, options: PrintOptions): string {
  return new Printer(options).query(query);
}

class Printer {
  constructor(private readonly options: PrintOptions) {}

  query(query: Query): string {
    if (query.recursive) refuse('a recursive query');
    const common = query.with.map(
      ({ name, columns, query: inner }) => `${this.name(name)}${this.columns(columns)} AS (${this.query(inner)})`,
    );
    const head = common.length > 0 ? `WITH ${common.join(', ')} ` : '';
    const order = query.order.length > 0 ? ` ORDER BY ${this.orders(query.order)}` : '';
    return `${head}${this.body(query)}${order}${this.limits(query)}`;
  }

  expression(expression: Expression): string {
    switch (expression.kind) {
      case 'column':
        return this.column(expression.path);
      case 'star':
        return expression.table === undefined ? '*' : `${this.name(expression.table)}.*`;
      case 'constant':
        return this.constant(expression.value);
      case 'interval':
        return this.interval(expression);
      case 'parameter':
        return this.options.parameter?.(expression.name) ?? `$${expression.name}`;
      case 'word':
        return intervalUnits.has(expression.word) ? expression.word.toUpperCase() : refuse('this word');
      case 'call':
        return this.call(expression);
      case 'operator':
        return this.operator(expression);
      case 'case':
        return this.caseExpression(expression);
      case 'cast':
        return this.cast(expression);
      case 'subquery':
        return this.subquery(expression);
      default:
        return `${this.lambdaNames(expression.parameters)} -> ${this.expression(expression.body)}`;
    }
  }

  private body({ body }: Query): string {
    if (body.kind === 'select') return this.select(body);
    // SQLite takes no brackets round the parts of a set operation: a part with its own order or limit becomes a subquery.
    const part = (query: Query): string => {
      const simple = query.order.length === 0 && !query.limit && !query.offset && query.with.length === 0;
      if (simple && query.body.kind === 'select') return this.query(query);
      return `SELECT * FROM (${this.query(query)}) AS ${this.name('part')}`;
    };
    const all = body.all ? ' ALL' : this.options.dialect === 'clickhouse' || this.options.dialect === 'bigquery' ? ' DISTINCT' : '';
    return `${part(body.left)} ${body.operator.toUpperCase()}${all} ${part(body.right)}`;
  }

  private select(select: Select): string {
    if (select.groupKind === 'sets') refuse('GROUPING SETS, ROLLUP or CUBE');
    if (select.distinctOn.length > 0) refuse('DISTINCT ON');
    if (select.from?.kind === 'values' && select.items.length === 1 && select.items[0]!.expression.kind === 'star' && !select.where) {
      return `VALUES ${this.rows(select.from.rows)}`;
    }
    const items = select.items.map(
      ({ expression, alias }) => `${this.expression(expression)}${alias === undefined ? '' : ` AS ${this.name(alias)}`}`,
    );
    const group = select.groupKind === 'all' ? ' GROUP BY ALL' : select.group.length > 0 ? ` GROUP BY ${this.list(select.group)}` : '';
    return [
      `SELECT ${select.distinct ? 'DISTINCT ' : ''}${items.join(', ')}`,
      select.from ? ` FROM ${this.from(select.from)}` : '',
      select.where ? ` WHERE ${this.expression(select.where)}` : '',
      group,
      select.having ? ` HAVING ${this.expression(select.having)}` : '',
      select.qualify ? ` QUALIFY ${this.expression(select.qualify)}` : '',
    ].join('');
  }

  private from(item: FromItem): string {
    switch (item.kind) {
      case 'table':
        return `${[item.catalog, item.schema, item.name]
          .filter((part) => part !== undefined)
          .map((part) => this.name(part))
          .join('.')}${this.alias(item)}`;
      case 'subquery':
        return `${item.lateral && usesLateral(this.options.dialect) ? 'LATERAL ' : ''}(${this.query(item.query)})${this.alias(item)}`;
      case 'function':
        return `${this.call(item.call)}${this.alias(item)}`;
      case 'values':
        return `(VALUES ${this.rows(item.rows)})${this.alias(item)}`;
      default:
        return this.join(item);
    }
  }

  private join(join: Extract<FromItem, { kind: 'join' }>): string {
    const words = {
      inner: 'JOIN',
      left: 'LEFT JOIN',
      right: 'RIGHT JOIN',
      full: 'FULL JOIN',
      cross: 'CROSS JOIN',
      semi: '',
      anti: '',
      asof: '',
      positional: '',
    }[join.type];
    if (words === '') refuse(`a ${join.type} join`);
    const right = join.right.kind === 'join' ? `(${this.from(join.right)})` : this.from(join.right);
    const condition = join.on
      ? ` ON ${this.expression(join.on)}`
      : join.using.length > 0
        ? ` USING (${join.using.map((name) => this.name(name)).join(', ')})`
        : '';
    return `${this.from(join.left)} ${join.natural ? 'NATURAL ' : ''}${words} ${right}${condition}`;
  }

  private alias({ alias, columns }: { readonly alias?: string; readonly columns: readonly string[] }): string {
    return alias === undefined ? '' : ` AS ${this.name(alias)}${this.columns(columns)}`;
  }

  private limits({ limit, offset }: Query): string {
    const rows = limit ? ` LIMIT ${this.expression(limit)}` : '';
    // Trino wants OFFSET first; the others LIMIT.
    const skipped = offset ? ` OFFSET ${this.expression(offset)}` : '';
    return this.options.dialect === 'trino' ? `${skipped}${rows}` : `${rows}${skipped}`;
  }

  private column(path: readonly string[]): string {
    const [only] = path;
    if (path.length === 1 && bareColumns.has(only!.toLowerCase())) return only!.toUpperCase();
    return path.map((part) => this.name(part)).join('.');
  }

  private constant(value: string | number | boolean | null): string {
    if (value === null) return 'NULL';
    if (typeof value === 'string') return writeText(value, this.options.dialect);
    if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
    if (!Number.isFinite(value)) return refuse('this number');
    return value < 0 ? `(${value})` : String(value);
  }

  private interval({ amount, unit }: Extract<Expression, { kind: 'interval' }>): string {
    if (!intervalUnits.has(unit)) refuse('this interval');
    const written = this.expression(amount);
    if (this.options.dialect === 'sqlite') return refuse('an interval');
    if (this.options.dialect === 'trino' || this.options.dialect === 'snowflake' || this.options.dialect === 'postgresql') {
      if (amount.kind !== 'constant' || typeof amount.value !== 'number') return refuse('an interval of a computed length');
      const text = this.options.dialect === 'trino' ? `'${amount.value}' ${unit.toUpperCase()}` : `'${amount.value} ${unit}'`;
      return `INTERVAL ${text}`;
    }
    return `INTERVAL ${amount.kind === 'constant' ? written : `(${written})`} ${unit.toUpperCase()}`;
  }

  private call(call: Call): string {
    const translated = this.options.call?.(call, (part) => this.expression(part));
    if (translated !== undefined && translated !== null) return `${translated}${this.over(call.window)}`;
    if (!/^[a-z_][a-z0-9_]*$/i.test(call.name)) return refuse(`the function ${call.name}`);
    if (call.name === 'extract') return `EXTRACT(${extractUnit(call)} FROM ${this.expression(call.arguments[1]!)})`;
    if (call.name === 'row') return `(${this.list(call.arguments)})`;
    if (bareCalls.has(call.name) && call.arguments.length === 0) return call.name.toUpperCase();
    const name = this.options.dialect === 'clickhouse' ? clickhouseName(call.name) : call.name.toUpperCase();
    const order = call.order ? ` ORDER BY ${this.orders(call.order)}` : '';
    const separator = call.separator === undefined ? '' : ` SEPARATOR ${writeText(call.separator, this.options.dialect)}`;
    const inside = call.star ? '*' : `${call.distinct ? 'DISTINCT ' : ''}${this.list(call.arguments)}${order}${separator}`;
    const settings = call.settings ? `(${this.list(call.settings)})` : '';
    const within = call.within ? ` WITHIN GROUP (ORDER BY ${this.orders(call.within)})` : '';
    const filter = call.filter ? ` FILTER (WHERE ${this.expression(call.filter)})` : '';
    return `${name}${settings}(${inside})${within}${filter}${this.over(call.window)}`;
  }

  private over(window: Window | undefined): string {
    if (!window) return '';
    const parts = [
      window.partition.length > 0 ? `PARTITION BY ${this.list(window.partition)}` : '',
      window.order.length > 0 ? `ORDER BY ${this.orders(window.order)}` : '',
      window.frame ? this.frame(window.frame) : '',
    ];
    return ` OVER (${parts.filter(Boolean).join(' ')})`;
  }

  private frame({ unit, start, end }: Frame): string {
    const bound = ({ kind, offset }: FrameBound): string => `${offset ? `${this.expression(offset)} ` : ''}${kind.toUpperCase()}`;
    return `${unit.toUpperCase()} BETWEEN ${bound(start)} AND ${bound(end)}`;
  }

  private operator({ name, arguments: parts }: Extract<Expression, { kind: 'operator' }>): string {
    const written = parts.map((part) => this.operand(part));
    if (name === 'and' || name === 'or') return written.join(` ${name.toUpperCase()} `);
    if (name === 'not') return `NOT ${written[0]!}`;
    if (name === '-' && parts.length === 1) return `-${written[0]!}`;
    if (name === 'between') return `${written[0]!} BETWEEN ${written[1]!} AND ${written[2]!}`;
    if (name === 'in' || name === 'not in')
      return `${written[0]!} ${name.toUpperCase()} (${parts
        .slice(1)
        .map((part) => this.expression(part))
        .join(', ')})`;
    if (name === '[]') return `${written[0]!}[${this.expression(parts[1]!)}]`;
    if (name === 'array')
      return this.options.dialect === 'trino' || this.options.dialect === 'postgresql'
        ? `ARRAY[${this.list(parts)}]`
        : `[${this.list(parts)}]`;
    const suffix = suffixes[name];
    if (suffix) return `${written[0]!} ${suffix}`;
    if (/^is (not )?distinct from$/.test(name)) return `${written[0]!} ${name.toUpperCase()} ${written[1]!}`;
    if (/^(not )?(like|ilike|glob)$/.test(name))
      return `${written[0]!} ${name.toUpperCase()} ${written[1]!}${written[2] ? ` ESCAPE ${written[2]}` : ''}`;
    return infix.has(name) && written.length === 2 ? `${written[0]!} ${name} ${written[1]!}` : refuse(`the operator ${name}`);
  }

  /** An operand in brackets unless it cannot be misread. */
  private operand(part: Expression): string {
    const written = this.expression(part);
    return part.kind === 'operator' ||
      part.kind === 'interval' ||
      (part.kind === 'subquery' && part.use !== 'scalar' && part.use !== 'exists')
      ? part.kind === 'interval'
        ? written
        : `(${written})`
      : written;
  }

  private caseExpression({ branches, otherwise }: Extract<Expression, { kind: 'case' }>): string {
    const whens = branches.map(({ when, then }) => `WHEN ${this.expression(when)} THEN ${this.expression(then)}`);
    return `CASE ${whens.join(' ')}${otherwise ? ` ELSE ${this.expression(otherwise)}` : ''} END`;
  }

  private cast({ argument, type, safe }: Extract<Expression, { kind: 'cast' }>): string {
    const base = type.replace(/\(.*$/, '').trim().toUpperCase();
    if (!isTypeName(base.replace(/\[\]$/, '')) || !/^[A-Za-z0-9_ ,()]+$/.test(type)) return refuse(`the type ${type}`);
    const written = this.options.type?.(type) ?? type;
    if (
      argument.kind === 'constant' &&
      typeof argument.value === 'string' &&
      (base === 'DATE' || base === 'TIMESTAMP') &&
      !['sqlite', 'clickhouse', 'bigquery'].includes(this.options.dialect)
    ) {
      return `${base} ${this.constant(argument.value)}`;
    }
    return `${safe ? 'TRY_CAST' : 'CAST'}(${this.expression(argument)} AS ${written})`;
  }

  private subquery({ use, query, argument, operator }: Extract<Expression, { kind: 'subquery' }>): string {
    const inner = `(${this.query(query)})`;
    if (use === 'scalar') return inner;
    if (use === 'exists') return `EXISTS ${inner}`;
    const left = argument ? this.operand(argument) : refuse('this subquery');
    if (use === 'any' && operator === '=') return `${left} IN ${inner}`;
    if (!operator || !infix.has(operator)) return refuse('this subquery');
    return `${left} ${operator} ${use.toUpperCase()} ${inner}`;
  }

  private orders(orders: readonly Order[]): string {
    return orders
      .map(
        ({ expression, descending, nulls }) =>
          `${this.expression(expression)}${descending ? ' DESC' : ''}${nulls ? this.nulls(nulls) : ''}`,
      )
      .join(', ');
  }

  private nulls(nulls: 'first' | 'last'): string {
    return this.options.dialect === 'mysql' ? refuse('NULLS FIRST or LAST') : ` NULLS ${nulls.toUpperCase()}`;
  }

  private rows(rows: readonly (readonly Expression[])[]): string {
    return rows.map((row) => `(${this.list(row)})`).join(', ');
  }

  private list(expressions: readonly Expression[]): string {
    return expressions.map((part) => this.expression(part)).join(', ');
  }

  private columns(columns: readonly string[]): string {
    return columns.length > 0 ? ` (${columns.map((column) => this.name(column)).join(', ')})` : '';
  }

  private lambdaNames(names: readonly string[]): string {
    return names.length === 1 ? this.name(names[0]!) : `(${names.map((name) => this.name(name)).join(', ')})`;
  }

  private name(name: string): string {
    return writeName(name, this.options.dialect);
  }
}

const usesLateral = (dialect: Dialect): boolean => dialect === 'postgresql' || dialect === 'mysql' || dialect === 'trino';

function extractUnit(call: Call): string {
  const [unit] = call.arguments;
  const word = unit?.kind === 'word' ? unit.word : unit?.kind === 'constant' && typeof unit.value === 'string' ? unit.value : '';
  return /^[a-z_]+$/i.test(word) ? word.toUpperCase() : refuse('this EXTRACT');
}

// ClickHouse tells names apart by case; the tree keeps them in lower case.
const camel =
  'toDate toDateTime toDateTime64 toDate32 toString toInt8 toInt16 toInt32 toInt64 toUInt8 toUInt16 toUInt32 toUInt64 toFloat32 toFloat64 toDecimal32 toDecimal64 toDecimal128 toYear toQuarter toMonth toDayOfMonth toDayOfWeek toDayOfYear toHour toMinute toSecond toStartOfYear toStartOfQuarter toStartOfMonth toStartOfWeek toMonday toStartOfDay toStartOfHour toStartOfMinute toYYYYMM toYYYYMMDD toRelativeMonthNum addDays addWeeks addMonths addYears addHours addQuarters subtractDays subtractWeeks subtractMonths subtractYears subtractHours dateDiff formatDateTime parseDateTimeBestEffort parseDateTimeBestEffortOrNull toIntervalDay toIntervalWeek toIntervalMonth toIntervalQuarter toIntervalYear toIntervalHour toIntervalMinute toIntervalSecond uniqExact uniqCombined uniqHLL12 quantileExact quantileTDigest argMin argMax anyLast anyHeavy groupArray groupUniqArray countIf sumIf avgIf minIf maxIf uniqIf uniqExactIf anyIf topK stddevPop stddevSamp varPop varSamp covarPop covarSamp medianExact lowerUTF8 upperUTF8 lengthUTF8 substringUTF8 reverseUTF8 notEmpty positionCaseInsensitive positionUTF8 extractAll replaceOne replaceAll replaceRegexpOne replaceRegexpAll splitByChar splitByString arrayStringConcat notLike startsWith endsWith trimBoth trimLeft trimRight appendTrailingCharIfAbsent concatAssumeInjective leftPad rightPad multiIf ifNull nullIf assumeNotNull toNullable isNull isNotNull intDiv intDivOrZero roundToExp2 roundDown bitAnd bitOr bitXor notEquals lessOrEquals greaterOrEquals notIn hasAll hasAny indexOf arrayJoin arrayMap arrayFilter arraySum arrayElement tupleElement cityHash64 halfMD5 MD5';
const clickhouseNames = new Map(camel.split(' ').map((name) => [name.toLowerCase(), name]));
const clickhouseName = (name: string): string => clickhouseNames.get(name) ?? name;
