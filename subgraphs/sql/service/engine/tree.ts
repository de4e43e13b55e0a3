/**
 * The typed query tree: what a question asks, before it is SQL. FROM and GROUP BY are derived when the tree is rendered: joins from
 * the tables that the tree touches (plus `through`), group keys from what is shown beside an aggregate (plus `per`).
 */
export interface QueryTree extends Sourced {
  show: ShowItem[];
  where?: Condition;
  /** Group keys beyond the shown plain items, such as an entity's key when its name is shown. */
  per?: Expression[];
  having?: Condition;
  sort: SortItem[];
  limit?: number;
  /** Keeps the best `count` rows within each value of `by`; ordered by `sort`. */
  topPer?: { by: Expression[]; count: number };
  distinct: boolean;
  /** The table that rows are counted or listed from when no column decides it. */
  root?: string;
  /** Tables that join although none of their columns is used: they restrict or multiply rows. */
  through: string[];
  set?: { operator: SetOperator; right: QueryTree };
  /** `plain` joins as written; `safe` never lets a join multiply an aggregate's rows. */
  fanOut: 'plain' | 'safe';
}

/** Where a node comes from: token indexes of the question, and the log-probability of the choice. */
export interface Sourced {
  tokens?: readonly number[];
  logp?: number;
}

export type SetOperator = 'intersect' | 'except' | 'union';

export interface ShowItem extends Sourced {
  expression: Expression;
  /** Column heading; derived from the expression when absent. */
  label?: string;
}

export interface SortItem extends Sourced {
  expression: Expression;
  direction: 'asc' | 'desc';
}

export type Expression = ColumnRef | AllColumns | Literal | Aggregate | Arithmetic | Bucket | DatePart | Window | Scalar | CaseWhen;

export interface ColumnRef extends Sourced {
  kind: 'column';
  table: string;
  column: string;
  /** Which of several joins to the same table, named by the foreign key's column: `origin` or `destination` of a flight's airport. */
  role?: string;
}

/** `*`, of one table or of all. */
export interface AllColumns extends Sourced {
  kind: 'all';
  table?: string;
}

export interface Literal extends Sourced {
  kind: 'literal';
  value: string | number | boolean | null;
  /** `date` and `timestamp` values are ISO 8601 text. */
  type: 'text' | 'number' | 'boolean' | 'date' | 'timestamp' | 'null';
}

export const aggregateFunctions = ['count', 'sum', 'avg', 'min', 'max', 'median', 'stddev'] as const;
/** What models may name, and quantiles, which questions only ask for. */
export type AggregateFunction = (typeof aggregateFunctions)[number] | 'quantile';

export interface Aggregate extends Sourced {
  kind: 'aggregate';
  fn: AggregateFunction;
  /** Absent: rows are counted, those of `rows` (or of the join, where that is absent too). */
  of?: Expression;
  rows?: string;
  distinct?: boolean;
  /** Of a quantile: 0.95 for the 95th percentile. */
  fraction?: number;
  /** Only rows that meet this are aggregated. */
  where?: Condition;
  /** The metric of the semantic model that this came from. */
  metric?: string;
}

export interface Arithmetic extends Sourced {
  kind: 'arithmetic';
  operator: '+' | '-' | '*' | '/';
  left: Expression;
  right: Expression;
  metric?: string;
}

export const timeGrains = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type TimeGrain = (typeof timeGrains)[number];

/** A moment cut down to the start of its hour, day, …. */
export interface Bucket extends Sourced {
  kind: 'bucket';
  grain: TimeGrain;
  of: Expression;
}

export const dateParts = ['year', 'quarter', 'month', 'day', 'weekday', 'hour'] as const;
export interface DatePart extends Sourced {
  kind: 'part';
  /** Weekdays and months by their English names. */
  named?: boolean;
  part: (typeof dateParts)[number];
  of: Expression;
}

/** Computed over the grouped rows: the value of the period before, a running total, a share of the total, a rank, growth. */
export interface Window extends Sourced {
  kind: 'window';
  fn: 'previous' | 'growth' | 'change' | 'running' | 'moving' | 'share' | 'rank';
  of: Expression;
  /** Of a moving average: how many rows each value is taken over, its own among them. */
  size?: number;
  /** Their sum, where it is no average. */
  isTotal?: boolean;
  /** Restarts for each value of these. */
  within?: Expression[];
  /** Ordered by the first time bucket of the query where absent. */
  sort?: SortItem[];
}

/** A query of one row and one column. `perGroup` aggregates again over the groups of `query`: the average of the sums. */
export interface Scalar extends Sourced {
  kind: 'scalar';
  query: QueryTree;
  perGroup?: AggregateFunction;
  /** Of a quantile over the groups. */
  fraction?: number;
}

export interface CaseWhen extends Sourced {
  kind: 'case';
  when: Condition;
  then: Expression;
  otherwise?: Expression;
}

export type Condition = Comparison | Between | InList | Like | IsNull | InQuery | Has | TimeRange | Connective | Negation;

export type ComparisonOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export interface Comparison extends Sourced {
  kind: 'compare';
  operator: ComparisonOperator;
  left: Expression;
  right: Expression;
}

export interface Between extends Sourced {
  kind: 'between';
  of: Expression;
  low: Literal;
  high: Literal;
  negated?: boolean;
}

export interface InList extends Sourced {
  kind: 'in';
  of: Expression;
  values: Literal[];
  negated?: boolean;
}

export interface Like extends Sourced {
  kind: 'like';
  of: Expression;
  match: 'contains' | 'starts' | 'ends';
  text: string;
  negated?: boolean;
}

export interface IsNull extends Sourced {
  kind: 'null';
  of: Expression;
  negated?: boolean;
}

export interface InQuery extends Sourced {
  kind: 'inQuery';
  of: Expression;
  query: QueryTree;
  negated?: boolean;
}

/** Related rows exist (`negated`: do not), or exist in a number: "customers with at least two orders". Never multiplies rows. */
export interface Has extends Sourced {
  kind: 'has';
  /** The table whose rows are kept. */
  of: string;
  table: string;
  /** Which of several keys between the two tables, named by its column. */
  role?: string;
  where?: Condition;
  negated?: boolean;
  count?: { operator: ComparisonOperator; value: number };
}

export interface TimeRange extends Sourced {
  kind: 'time';
  of: Expression;
  /** ISO 8601; inclusive. */
  from?: string;
  /** ISO 8601; exclusive. */
  to?: string;
  /** How the question said it: kept so that a follow-up can shift it. */
  phrase?: RelativePeriod;
  negated?: boolean;
}

export interface RelativePeriod {
  /** 0: the current period, -1: the one before. */
  offset: number;
  count: number;
  unit: TimeGrain;
  /** `rolling`: the last n units up to now; `calendar`: whole periods; `toDate`: from the period's start until now. */
  style: 'rolling' | 'calendar' | 'toDate';
}

export interface Connective extends Sourced {
  kind: 'and' | 'or';
  conditions: Condition[];
}

export interface Negation extends Sourced {
  kind: 'not';
  condition: Condition;
}
