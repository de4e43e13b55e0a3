import type { AggregateFunction, TimeGrain } from '../engine/tree';

/**
 * What the tables mean: the names people use, how tables join, what is measured and how, who may see which rows. Written in YAML (see
 * `parseModel`), inferred by `draftModel`, or imported from dbt. Formulas and conditions are text in the small expression language of
 * `expression/`: `sum(order_items.quantity * order_items.unit_price)`, `orders.status != 'cancelled'`, `customers.region = user.region`.
 */
export interface SemanticModel {
  version: 1;
  name?: string;
  description?: string;
  entities: Entity[];
  joins: Join[];
  metrics: Metric[];
  policies: RowPolicy[];
}

/** One table and what its rows are. */
export interface Entity {
  /** What one row is, in the singular: `customer`. */
  name: string;
  table: string;
  synonyms?: string[];
  description?: string;
  /** Columns that identify a row. */
  key?: string[];
  /** The column that is shown for a row: "list the customers". */
  title?: string;
  /** The date column that "last month" means when the question names none. */
  time?: string;
  dimensions: Dimension[];
  measures: Measure[];
  /** Conditions that hold unless the question speaks of the same column: `orders.status != 'test'`. */
  filters?: string[];
  /** Never linked to questions, only joined through. */
  hidden?: boolean;
}

export interface Dimension {
  name: string;
  column: string;
  synonyms?: string[];
  description?: string;
  /** Time grains that make sense, for a date or timestamp. */
  grains?: TimeGrain[];
  /** Stored value → what people call it: `{ DE: [germany], US: [usa, united states] }`. */
  values?: Record<string, string[]>;
  /** Personal data: masked or refused by policy elsewhere. */
  pii?: boolean;
  hidden?: boolean;
}

export interface Measure {
  name: string;
  /** Column name or formula over the entity's columns: `quantity * unit_price`. */
  expression: string;
  /** How it adds up when the question does not say. @default sum */
  aggregate?: AggregateFunction;
  synonyms?: string[];
  description?: string;
  /** Shown beside values: `min`, `EUR`, `%`. */
  unit?: string;
}

export interface Metric {
  name: string;
  label?: string;
  /** Formula with aggregates, `sum(order_items.amount)`, or over other metrics, `returns / orders`. */
  expression: string;
  filters?: string[];
  synonyms?: string[];
  description?: string;
  unit?: string;
  /** The date column of this metric: `orders.order_date`. @default the time of the aggregated table, or of the nearest one it belongs to */
  time?: string;
  /** Large values are good (`up`) or bad: what "best" and "worst" mean. @default up */
  better?: 'up' | 'down';
}

export interface Join {
  /** `order_items.order_id` */
  from: string;
  /** `orders.id` */
  to: string;
  cardinality: 'many_to_one' | 'one_to_one' | 'one_to_many' | 'many_to_many';
  /** Names this join when two tables join in several ways: `origin`, `destination`. @default the column of `from` */
  role?: string;
  synonyms?: string[];
}

/** Rows of an entity that a caller may see. Several that apply to one caller are combined with AND. */
export interface RowPolicy {
  name: string;
  /** Entity or table name. */
  entity: string;
  /** Applies to callers with any of these roles. @default every role */
  roles?: string[];
  /** Never applies to callers with any of these roles. */
  except?: string[];
  /** `region = user.region`, `country in user.countries`; a caller without the attribute sees nothing. */
  filter: string;
}
