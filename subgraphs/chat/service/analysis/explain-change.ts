import type { Caller } from '#platform/auth';
import { profileColumns, toNumber } from '#platform/charts';

import type { Analyst, AnalystAnswer } from '../ports';

import { addsUp, decompose, type Breakdown, type Decomposition } from './decomposition';
import { within, type Period } from './periods';
import { decomposeRatio, wholeOf, type RatioDecomposition } from './ratio-decomposition';
import { ratioReader, type RatioParts, type ReadRatio } from './ratio-metric';

export interface ChangeRequest {
  readonly metric: string;
  readonly before: Period;
  readonly after: Period;
  readonly sourceId: string | null;
  readonly sessionId: string | null;
  readonly signal: AbortSignal;
}

export type ExplainedDimension = (Decomposition | RatioDecomposition) & {
  readonly dimension: string;
  /** The statements of both periods. */
  readonly sql: readonly string[];
};

export interface ExplainedChange {
  readonly metric: string;
  readonly before: { readonly period: Period; readonly value: number; readonly sql: string };
  readonly after: { readonly period: Period; readonly value: number; readonly sql: string };
  readonly change: number;
  /** The dimension that explains most first. */
  readonly dimensions: readonly ExplainedDimension[];
  /** Dimensions that could not be used, with the reason. */
  readonly left: readonly string[];
}

const mostDimensions = 5;
const mostParts = 200;
/** Columns that name single rows or instants explain nothing. */
const namesRows =
  /(^|\s)(id|name|full name|first name|last name|email|phone|address|description|title|text|comment|subject|date|time|timestamp)$|\s(on|at)$/i;

/**
 * Why a metric changed between two periods: its value in each, and for each dimension the exact share of each of its values in the
 * change. Sums and counts are split as they are, averages and ratios into rate and mix. A dimension whose parts do not add up to both
 * values (a distinct count, a lossy join) is left out and named. Null where the question itself could not be answered.
 */
export async function explainChange(analyst: Analyst, caller: Caller, request: ChangeRequest): Promise<ExplainedChange | null> {
  const { sourceId, sessionId, signal } = request;
  const ask = (question: string): Promise<AnalystAnswer> => analyst.ask(caller, { question, sourceId, sessionId, previous: null, signal });
  const whole = await wholeOfBoth(request, ask);
  if (!whole) return null;
  const { metric, before, after, start, end } = whole;

  const [source] = await analyst.describe(caller, { sourceId: before.sourceId ?? sourceId, signal });
  const readRatio = ratioReader(metric, before, { analyst, caller, ask, signal, definitions: source?.definitions ?? [] });
  const dimensions: ExplainedDimension[] = [];
  const left: string[] = [];
  const candidates = [...new Set(source?.dimensions ?? [])].filter((name) => !namesRows.test(name)).slice(0, 3 * mostDimensions);
  for (const dimension of candidates) {
    if (dimensions.length >= mostDimensions) break;
    const words = [request.before, request.after].map((period) => `by ${dimension} ${within(period)}`) as [string, string];
    const answers = await Promise.all(words.map((each) => ask(`${metric} ${each}`)));
    const [first, second] = answers.map(breakdownOf);
    // Not a dimension of this metric, or too many values to tell.
    if (!first || !second) continue;
    // One value that carries the whole change explains nothing.
    if (new Set([...first.parts.keys(), ...second.parts.keys()]).size < 2) continue;
    const split = readRatio
      ? await splitRatio(readRatio, { answers, words, values: [start, end] })
      : addsUp(first.parts, start) && addsUp(second.parts, end)
        ? { ...decompose(first.parts, second.parts), sql: [first.sql, second.sql] }
        : null;
    if (split) dimensions.push({ dimension, ...split });
    else left.push(`${dimension}: its parts do not add up to the whole`);
  }
  const [from, to] = [toNumber(start) ?? 0, toNumber(end) ?? 0];
  return {
    metric,
    before: { period: request.before, value: from, sql: before.sql! },
    after: { period: request.after, value: to, sql: after.sql! },
    change: to - from,
    dimensions: dimensions.sort((a, b) => b.explains - a.explains),
    left,
  };
}

interface Whole {
  readonly metric: string;
  readonly before: AnalystAnswer;
  readonly after: AnalystAnswer;
  readonly start: unknown;
  readonly end: unknown;
}

/** "Orders in May" may be read as a list of them; what changed is their number. */
async function wholeOfBoth(request: ChangeRequest, ask: (question: string) => Promise<AnalystAnswer>): Promise<Whole | null> {
  for (const metric of [request.metric, `number of ${request.metric}`]) {
    const [before, after] = [await ask(`${metric} ${within(request.before)}`), await ask(`${metric} ${within(request.after)}`)];
    const [start, end] = [singleValue(before), singleValue(after)];
    if (before.sql && after.sql && start !== undefined && end !== undefined) return { metric, before, after, start, end };
  }
  return null;
}

/** Null where numerators over denominators are not the values that were asked for: then they are those of something else. */
async function splitRatio(
  read: ReadRatio,
  {
    answers,
    words,
    values,
  }: { readonly answers: readonly AnalystAnswer[]; readonly words: readonly string[]; readonly values: readonly unknown[] },
): Promise<(RatioDecomposition & { readonly sql: readonly string[] }) | null> {
  const read2 = await Promise.all(answers.map((answer, i) => read(answer, words[i]!)));
  const [first, second] = read2 as [RatioParts | null, RatioParts | null];
  if (!first || !second) return null;
  const isWhole = ({ parts }: RatioParts, value: unknown): boolean => {
    const { total, count } = wholeOf(parts);
    const expected = toNumber(value) ?? 0;
    return count !== 0 && Math.abs(total / count - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  };
  if (!isWhole(first, values[0]) || !isWhole(second, values[1])) return null;
  const split = decomposeRatio(first.parts, second.parts);
  return split && { ...split, sql: [...first.sql, ...second.sql] };
}

/** Undefined where the answer is not one number; a period without rows counts as nothing. */
export function singleValue({ rows, columns }: Pick<AnalystAnswer, 'rows' | 'columns'>): unknown {
  if (rows.length !== 1 || columns.length === 0) return undefined;
  const row = rows[0]!;
  const index = row.length === 1 ? 0 : row.findLastIndex((value) => toNumber(value) !== null);
  return index < 0 ? undefined : (row[index] ?? 0);
}

function breakdownOf({ sql, columns, rows, truncated }: AnalystAnswer): { readonly sql: string; readonly parts: Breakdown } | null {
  if (!sql || truncated || rows.length > mostParts) return null;
  const profiles = profileColumns(columns, rows);
  const measure = profiles.findLast(({ role }) => role === 'measure');
  const labels = profiles.filter((profile) => profile !== measure && profile.role !== 'measure');
  if (!measure || labels.length !== 1) return null;
  const parts = new Map(rows.map((row) => [String(row[labels[0]!.index] ?? 'none'), row[measure.index] ?? 0]));
  return parts.size === rows.length ? { sql, parts } : null;
}
