/**
 * One reading of a SELECT, whatever parser produced it: the DuckDB and PostgreSQL readers translate their engine's own syntax tree,
 * the portable parser builds it from text. A reader that meets something it does not know refuses, so that what is here is all there is.
 */
export interface Query {
  readonly with: readonly CommonTable[];
  readonly recursive: boolean;
  readonly body: Select | SetOperation;
  readonly order: readonly Order[];
  readonly limit?: Expression;
  readonly offset?: Expression;
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
}

export interface Select {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly distinctOn: readonly Expression[];
  readonly items: readonly SelectItem[];
  readonly from?: FromItem;
  readonly where?: Expression;
  readonly group: readonly Expression[];
  /** `group by all`, rollup, cube or grouping sets: shown, never rendered. */
  readonly groupKind?: 'all' | 'sets';
  readonly having?: Expression;
  readonly qualify?: Expression;
}

export interface SetOperation {
  readonly kind: 'set';
  readonly operator: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  readonly left: Query;
  readonly right: Query;
}

export interface SelectItem {
  readonly expression: Expression;
  readonly alias?: string;
}

export type FromItem =
  | {
      readonly kind: 'table';
      readonly catalog?: string;
      readonly schema?: string;
      readonly name: string;
      readonly alias?: string;
      readonly columns: readonly string[];
      readonly at?: number;
    }
  | {
      readonly kind: 'subquery';
      readonly query: Query;
      readonly alias?: string;
      readonly columns: readonly string[];
      readonly lateral: boolean;
    }
  | { readonly kind: 'function'; readonly call: Call; readonly alias?: string; readonly columns: readonly string[] }
  | {
      readonly kind: 'values';
      readonly rows: readonly (readonly Expression[])[];
      readonly alias?: string;
      readonly columns: readonly string[];
    }
  | Join;

export interface Join {
  readonly kind: 'join';
  readonly left: FromItem;
  readonly right: FromItem;
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'cross' | 'semi' | 'anti' | 'asof' | 'positional';
  readonly on?: Expression;
  readonly using: readonly string[];
  readonly natural: boolean;
  readonly at?: number;
}

export interface Order {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls?: 'first' | 'last';
}

export interface Window {
  readonly name?: string;
  readonly partition: readonly Expression[];
  readonly order: readonly Order[];
  /** `rows between 1 preceding and current row`: built from known words and the offsets. */
  readonly frame?: Frame;
}

export interface Frame {
  readonly unit: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  readonly end: FrameBound;
}
export interface FrameBound {
  readonly kind: 'unbounded preceding' | 'preceding' | 'current row' | 'following' | 'unbounded following';
  readonly offset?: Expression;
}

export interface Call {
  readonly kind: 'call';
  /** Lower case. `count(*)` has no arguments and `star`. */
  readonly name: string;
  readonly schema?: string;
  readonly arguments: readonly Expression[];
  readonly star?: boolean;
  readonly distinct?: boolean;
  readonly order?: readonly Order[];
  readonly filter?: Expression;
  /** `within group (order by …)`. */
  readonly within?: readonly Order[];
  /** ClickHouse's parameters of an aggregate: `quantile(0.9)(x)`. */
  readonly settings?: readonly Expression[];
  /** MySQL's `group_concat(… separator ', ')`. */
  readonly separator?: string;
  readonly window?: Window;
  readonly at?: number;
}

export type Expression =
  | { readonly kind: 'column'; readonly path: readonly string[]; readonly at?: number }
  | { readonly kind: 'star'; readonly table?: string; readonly at?: number }
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null; readonly at?: number }
  | { readonly kind: 'interval'; readonly amount: Expression; readonly unit: string }
  | { readonly kind: 'parameter'; readonly name: string }
  /** A bare word where an engine wants one: the unit in `timestampdiff(month, …)`. */
  | { readonly kind: 'word'; readonly word: string }
  | Call
  /** `and`, `or`, `not`, `=`, `<>`, `<`, `+`, `||`, `like`, `in`, `between`, `is null`, `[]` …; lower case, a fixed vocabulary. */
  | { readonly kind: 'operator'; readonly name: string; readonly arguments: readonly Expression[]; readonly at?: number }
  | {
      readonly kind: 'case';
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise?: Expression;
    }
  | { readonly kind: 'cast'; readonly argument: Expression; readonly type: string; readonly safe: boolean }
  | {
      readonly kind: 'subquery';
      readonly use: 'scalar' | 'exists' | 'any' | 'all';
      readonly query: Query;
      readonly argument?: Expression;
      readonly operator?: string;
    }
  | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: Expression };

/** The statement cannot be read as the one SELECT it must be. `at` is an offset in characters. */
export class UnreadableSql extends Error {
  override readonly name = 'UnreadableSql';
  constructor(
    message: string,
    readonly type: 'syntax_error' | 'security_violation',
    readonly at?: number,
  ) {
    super(message);
  }
}
