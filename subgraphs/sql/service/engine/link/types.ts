import type { Schema, SchemaColumn, SchemaTable } from '../schema/types';
import type { ComparisonOperator, TimeGrain, TimeRange } from '../tree';
import type { Token } from '../text/types';

/** How a span of the question matches a name, from the surest to the weakest. */
export const matchClasses = [
  'exact',
  'model',
  'stem',
  'reduced',
  'scattered',
  'abbreviation',
  'partial',
  'synonym',
  'hypernym',
  'concept',
  'typo',
] as const;
export type MatchClass = (typeof matchClasses)[number];

interface Span {
  /** First token, and the one after the last. */
  from: number;
  to: number;
}

export interface TableLink extends Span {
  kind: 'table';
  table: SchemaTable;
  match: MatchClass;
  /** 0 to 1 */
  strength: number;
}

export interface ColumnLink extends Span {
  kind: 'column';
  column: SchemaColumn;
  match: MatchClass;
  strength: number;
  /** Share of the column's own words that were found, weighted by rarity. */
  coverage: number;
  /** Which way a concept points: *old* is high age, *young* low. */
  direction?: 'asc' | 'desc';
}

/** A value of a column that the question names, spelled as the cell spells it. */
export interface ValueLink extends Span {
  kind: 'value';
  column: SchemaColumn;
  value: string | number;
  match: 'exact' | 'case' | 'stem' | 'alias' | 'partial' | 'typo' | 'unknown';
  strength: number;
  quoted: boolean;
  capital: boolean;
}

/** A number or a date, with the comparison around it. */
export interface NumberLink extends Span {
  kind: 'number';
  value: number;
  operator?: ComparisonOperator;
  /** Second bound of a range. */
  upper?: number;
  /** `top`: "top 5"; `percent`: "20 %"; `year`: between 1000 and 2100 and not counted in units. */
  role?: 'top' | 'percent' | 'year' | 'ordinal';
  /** The token that the number counts: "3 *orders*". */
  unit?: number;
}

export interface TimeLink extends Span {
  kind: 'time';
  range: Pick<TimeRange, 'from' | 'to' | 'phrase'>;
}

export interface GrainLink extends Span {
  kind: 'grain';
  grain: TimeGrain;
}

export interface MetricLink extends Span {
  kind: 'metric';
  /** Name of a metric, or of a measure as `entity.measure`. */
  metric: string;
  match: MatchClass;
  strength: number;
}

/** A word that asks for a clause, such as "average", "each", "more than". */
export interface CueLink extends Span {
  kind: 'cue';
  cue: string;
  /** What the cue says beyond its name: a direction, a function, an operator. */
  detail?: string;
}

export type Link = TableLink | ColumnLink | ValueLink | NumberLink | TimeLink | GrainLink | MetricLink | CueLink;

/** A question after linking: everything that the heads and the generator read. */
export interface LinkedQuestion {
  text: string;
  tokens: Token[];
  schema: Schema;
  tables: TableLink[];
  columns: ColumnLink[];
  values: ValueLink[];
  numbers: NumberLink[];
  times: TimeLink[];
  grains: GrainLink[];
  metrics: MetricLink[];
  cues: CueLink[];
  now: Date;
}
