import type { ColumnType, Dialect } from '../catalog';
import type { DatePart, TimeGrain } from '../tree';

/** How one engine writes what the tree says. Every argument named `sql` is an expression already rendered. */
export interface SqlDialect {
  name: Dialect;
  identifier(name: string): string;
  text(value: string): string;
  date(iso: string): string;
  timestamp(iso: string): string;
  boolean(value: boolean): string;
  /** The start of the hour, day, … that a moment lies in. */
  bucket(sql: string, grain: TimeGrain, type: ColumnType): string;
  part(sql: string, part: DatePart['part']): string;
  /** A weekday's or month's English name. */
  partName(sql: string, part: 'weekday' | 'month'): string;
  /** Case-blind pattern match; `pattern` is a text literal already rendered, with `!` as its escape. */
  like(sql: string, pattern: string, negated: boolean): string;
  divide(left: string, right: string): string;
  /** Equality that also holds between two nulls. */
  same(left: string, right: string): string;
  /** The value below which a fraction of the values lies, interpolated between the two nearest; nulls are left out. */
  quantile(sql: string, fraction: number): string;
  /** The sample's standard deviation. */
  deviation(sql: string): string;
  /** Said where the engine only estimates quantiles. */
  estimates?: string;
}
