/** What has been read of a question so far: shared by the steps of the business reader. */
import { cuesOf, hasCue } from '../link/cues';
import type { CueLink, LinkedQuestion } from '../link/types';
import { joinTree } from '../schema/join-tree';
import type { Schema, SchemaColumn, SchemaTable } from '../schema/types';
import type { ColumnRef, Condition, Expression, SortItem, TimeGrain } from '../tree';
import type { CalendarLink } from './calendar-links';
import { cutMentions, type Mention } from './mentions';
import { phrase } from './phrasing';
import type { MovingLink } from './moving-links';
import type { QuantileLink } from './quantile-links';

export interface MeasureReading {
  expression: Expression;
  tokens: number[];
  /** Column that periods of time refer to. */
  time?: ColumnRef;
  better: 'up' | 'down';
  /** The table that it adds up, where known. */
  home?: SchemaTable;
  /** Column heading; derived from the expression when absent. */
  label?: string;
  /** Counts the rows of a table under that table's own name. */
  countOf?: SchemaTable;
}

export interface GroupReading {
  expression: Expression;
  tokens: number[];
  /** A row's key is grouped by, its title shown. */
  key?: Expression[];
  grain?: TimeGrain;
  /** Said with "each" or "per", as in "top 3 per region". */
  each: boolean;
}

export class Reading {
  readonly mentions: Mention[];
  readonly used = new Set<number>();
  measures: MeasureReading[] = [];
  groups: GroupReading[] = [];
  conditions: Condition[] = [];
  having: Condition[] = [];
  sort: SortItem[] = [];
  limit: number | undefined;
  entity: { table: SchemaTable; tokens: number[] } | undefined;
  shown: { expression: Expression; tokens: number[] }[] = [];
  /** The query that this follows measured something: a bare metric is then one more measure. */
  afterMeasure = false;
  /** Of the groups of the last query, the one on top was asked for. */
  ranked = false;
  /** Assumptions that the person should know of. */
  warnings: string[] = [];
  /** One column divided by another, row by row. */
  rowRatio: { expression: Expression; tokens: number[]; table: SchemaTable } | undefined;

  readonly question: LinkedQuestion;
  /** Parts of a moment that are named, such as weekdays. */
  readonly calendar: readonly CalendarLink[];
  /** "95th percentile", wherever it is said. */
  readonly quantiles: readonly QuantileLink[];
  readonly moving: MovingLink | undefined;
  /** Rows that measures are told to leave out, or to count as well. */
  readonly inclusions: { where: Condition; isOut: boolean }[] = [];
  /** Parts of the question that were read but can not be written together. */
  unanswered = 0;
  /** Defaults taken where the question leaves something open: each makes the reading less sure. */
  guesses = 0;
  /** Phrases that were recognised but that no query is written for. */
  readonly doubts: number;

  constructor(linked: LinkedQuestion) {
    const { question, calendar, quantiles, moving, doubts } = phrase(linked);
    this.doubts = doubts;
    this.quantiles = quantiles;
    this.moving = moving;
    this.question = question;
    this.calendar = calendar;
    this.mentions = cutMentions(question).filter(
      (mention) => ![...calendar, ...quantiles, ...(moving?.spans ?? [])].some((link) => link.from < mention.to && mention.from < link.to),
    );
  }

  get schema(): Schema {
    return this.question.schema;
  }

  cues(name: string, detail?: string): CueLink[] {
    return cuesOf(this.question.cues, name, detail);
  }

  has(name: string, detail?: string): boolean {
    return hasCue(this.question.cues, name, detail);
  }

  use(...spans: readonly { from: number; to: number }[]): number[] {
    const tokens = spans.flatMap((span) => Array.from({ length: span.to - span.from }, (_, i) => span.from + i));
    for (const token of tokens) this.used.add(token);
    return tokens;
  }

  free(mention: { from: number }): boolean {
    return !this.used.has(mention.from);
  }

  word(index: number): string {
    return this.question.tokens[index]?.lower ?? '';
  }

  /** The next mention at or after a token, within a few words. */
  next(from: number, within = 3): Mention | undefined {
    return this.mentions.find((mention) => mention.from >= from && mention.from <= from + within);
  }

  /** How many joins lie between two tables; Infinity where they are not connected. */
  distance(a: SchemaTable, b: SchemaTable): number {
    if (a === b) return 0;
    return joinTree(this.schema, [a.id, b.id])?.cost ?? Infinity;
  }

  /** The tables that the question is about so far, the surest first. */
  focus(): SchemaTable[] {
    const tables = [
      ...this.measures.flatMap((item) => item.home ?? []),
      ...(this.entity ? [this.entity.table] : []),
      ...this.mentions.flatMap((mention) => (mention.tables[0] ? [mention.tables[0].table] : [])),
    ];
    return [...new Set(tables)];
  }
}

/** A column, with the role that tells parallel joins apart where the words before it name one. */
export function columnRef(reading: Reading, column: SchemaColumn, position?: number): ColumnRef {
  const ref: ColumnRef = { kind: 'column', table: column.table.name, column: column.name };
  const role = position === undefined ? undefined : roleAt(reading, column.table, position);
  return role ? { ...ref, role } : ref;
}

/** Which of several joins to a table is meant: named by a word near the mention, else the first. */
export function roleAt(reading: Reading, table: SchemaTable, position: number): string | undefined {
  if (reading.entity?.table === table || reading.measures.some((item) => item.countOf === table)) return undefined;
  const { edges, model } = reading.schema;
  const parallel = edges.filter(
    (edge) =>
      edge.to[0]!.table === table &&
      edges.some((other) => other !== edge && other.to[0]!.table === table && other.from[0]!.table === edge.from[0]!.table),
  );
  if (parallel.length === 0) return undefined;
  const about = reading.focus();
  const candidates = parallel.filter((edge) => about.includes(edge.from[0]!.table));
  if (candidates.length === 0) return undefined;
  let best: { role: string; points: number; word?: number } | undefined;
  for (const edge of candidates) {
    const join = model.joins.find(
      (item) => item.role === edge.role && item.from.toLowerCase() === `${edge.from[0]!.table.name}.${edge.from[0]!.name}`.toLowerCase(),
    );
    const names = new Set([edge.role.toLowerCase(), ...edge.from[0]!.words, ...(join?.synonyms ?? [])]);
    let points = 0;
    let word: number | undefined;
    for (let i = position - 4; i <= position + 3; i += 1) {
      const near = names.has(reading.word(i)) ? 5 - Math.abs(position - i) + (i < position ? 1 : 0) : 0;
      if (near > points) [points, word] = [near, i];
    }
    if (!best || points > best.points) best = { role: edge.role, points, ...(word === undefined ? {} : { word }) };
  }
  if (best?.word !== undefined) reading.use({ from: best.word, to: best.word + 1 });
  return best?.role;
}
