import type { Caller } from '#platform/auth';
import { profileColumns, toNumber } from '#platform/charts';

import type { Analyst, AnalystAnswer } from '../ports';

import { addsUp, decompose, type Breakdown, type Decomposition } from './decomposition';
import { formatNumber, formatPercent, signed, signedPercent } from './format';
import type { Period } from './periods';
import type { Insight } from './types';

export interface ChangeRequest {
  readonly metric: string;
  readonly before: Period;
  readonly after: Period;
  readonly sourceId: string | null;
  readonly sessionId: string | null;
  readonly signal: AbortSignal;
}

export interface ExplainedDimension extends Decomposition {
  readonly dimension: string;
  /** The statement of each period. */
  readonly sql: readonly [string, string];
}

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
 * Why a sum or count changed between two periods: the total of each period, and for each dimension the exact share of each of its
 * values in the change. A dimension whose parts do not add up to both totals (an average, a distinct count, a lossy join) is left out
 * and named. Null where the question itself could not be answered.
 */
export async function explainChange(analyst: Analyst, caller: Caller, request: ChangeRequest): Promise<ExplainedChange | null> {
  const ask = (question: string): Promise<AnalystAnswer> =>
    analyst.ask(caller, { question, sourceId: request.sourceId, sessionId: request.sessionId, previous: null, signal: request.signal });
  const [before, after] = [
    await ask(`${request.metric} in ${request.before.words}`),
    await ask(`${request.metric} in ${request.after.words}`),
  ];
  const [start, end] = [singleValue(before), singleValue(after)];
  if (!before.sql || !after.sql || start === undefined || end === undefined) return null;

  const [source] = await analyst.describe(caller, { sourceId: before.sourceId ?? request.sourceId, signal: request.signal });
  const dimensions: ExplainedDimension[] = [];
  const left: string[] = [];
  const candidates = [...new Set(source?.dimensions ?? [])].filter((name) => !namesRows.test(name)).slice(0, 3 * mostDimensions);
  for (const dimension of candidates) {
    if (dimensions.length >= mostDimensions) break;
    const by = (period: Period): Promise<AnalystAnswer> => ask(`${request.metric} by ${dimension} in ${period.words}`);
    const [firstAnswer, secondAnswer] = await Promise.all([by(request.before), by(request.after)]);
    const first = breakdownOf(firstAnswer);
    const second = breakdownOf(secondAnswer);
    // Not a dimension of this metric, or too many values to tell.
    if (!first || !second) continue;
    // One value that carries the whole change explains nothing.
    if (new Set([...first.parts.keys(), ...second.parts.keys()]).size < 2) continue;
    if (!addsUp(first.parts, start) || !addsUp(second.parts, end)) {
      left.push(`${dimension}: its parts do not add up to the whole`);
      continue;
    }
    dimensions.push({ dimension, sql: [first.sql, second.sql], ...decompose(first.parts, second.parts) });
  }
  return {
    metric: request.metric,
    before: { period: request.before, value: toNumber(start) ?? 0, sql: before.sql },
    after: { period: request.after, value: toNumber(end) ?? 0, sql: after.sql },
    change: (toNumber(end) ?? 0) - (toNumber(start) ?? 0),
    dimensions: dimensions.sort((a, b) => b.explains - a.explains),
    left,
  };
}

/** Undefined where the answer is not one number; a period without rows counts as nothing. */
function singleValue({ rows, columns }: AnalystAnswer): unknown {
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

/** The change as statements with their parts and the SQL of each part. */
export function changeInsights(
  explained: ExplainedChange,
  { expectedDown = null }: { readonly expectedDown?: boolean | null } = {},
): readonly Insight[] {
  const { metric, before, after, change } = explained;
  const relative = before.value === 0 ? null : change / Math.abs(before.value);
  const headline: Insight = {
    kind: 'change',
    text: `${correction(change, expectedDown)}${metric} went from ${formatNumber(before.value)} in ${before.period.words} to ${formatNumber(after.value)} in ${after.period.words} (${signed(change)}${relative === null ? '' : `, ${signedPercent(relative)}`}).`,
    importance: 1,
    evidence: { before: before.value, after: after.value, change, relativeChange: relative },
    sql: [before.sql, after.sql],
  };
  const parts = explained.dimensions.map((dimension, place): Insight => {
    const top = dimension.parts.slice(0, 3).filter((part) => part.change !== 0);
    const told = top
      .map((part) => `${part.label} ${signed(part.change)}${part.share === null ? '' : ` (${formatPercent(part.share)} of the change)`}`)
      .join(', ');
    return {
      kind: 'decomposition',
      text: `By ${dimension.dimension}: ${told || 'no part changed'}; all ${dimension.parts.length} parts add up to ${signed(dimension.change)}.`,
      importance: 0.95 - place * 0.05,
      evidence: {
        dimension: dimension.dimension,
        before: dimension.before,
        after: dimension.after,
        change: dimension.change,
        explains: dimension.explains,
        parts: dimension.parts,
      },
      sql: dimension.sql,
    };
  });
  return [headline, ...parts];
}

/** A question may assume what the data deny. */
function correction(change: number, expectedDown: boolean | null): string {
  if (expectedDown === null || change === 0 || expectedDown === change < 0) return '';
  return expectedDown ? 'It did not fall: ' : 'It did not rise: ';
}
