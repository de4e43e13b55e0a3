import { profileColumns, toNumber, type ChartColumn } from '#platform/charts';

import { categoryInsights } from './category-insights';
import { wordsOf } from './format';
import { seriesInsights } from './series-insights';
import { endOf, grainOf, instantOf } from './time-grain';
import type { Insight, Series } from './types';

export interface Result {
  readonly columns: readonly ChartColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly sql: string | null;
}

const averaged = /(^|[^a-z])(avg|average|mean|median|rate|ratio|share|percent|pct|min|max|per|growth)([^a-z]|$)/i;

/** Statements about a result, computed from its rows alone; most important first. A period that is not over is left out. */
export function insightsFor({ columns, rows, truncated, sql }: Result, limit = 6, now = Date.now()): readonly Insight[] {
  const profiles = profileColumns(columns, rows);
  const time = profiles.find(({ role, distinct }) => role === 'time' && distinct > 1);
  const category = profiles.find(({ role, distinct }) => (role === 'category' || role === 'identifier') && distinct > 1);
  const measures = profiles.filter(({ role }) => role === 'measure').slice(0, 3);
  // The largest few of a series are not a series.
  const isChosen = time !== undefined && isCut(sql) && !isRising(rows.map((row) => String(row[time.index])));
  const found = measures.flatMap((measure) => {
    if (isChosen) return [];
    if (time)
      return [
        ...seriesOf(
          { rows, sql },
          {
            time: time.index,
            value: measure.index,
            name: wordsOf(measure.name),
            additive: !averaged.test(wordsOf(measure.name)),
            split: category?.index ?? null,
          },
          now,
        ),
      ].flatMap(seriesInsights);
    if (!category || category.distinct < rows.length) return [];
    return categoryInsights({
      name: wordsOf(measure.name),
      by: wordsOf(category.name),
      additive: !averaged.test(wordsOf(measure.name)),
      partial: truncated || isCut(sql),
      parts: rows.flatMap((row) => {
        const value = toNumber(row[measure.index]);
        return value === null ? [] : [{ label: String(row[category.index] ?? 'none'), value }];
      }),
    });
  });
  return found
    .sort((a, b) => b.importance - a.importance)
    .slice(0, limit)
    .map((insight) => ({ ...insight, sql: sql ? [sql] : [] }));
}

const isCut = (sql: string | null): boolean => / limit \d+/i.test(sql?.replace(/\s+/g, ' ') ?? '');
const isRising = (values: readonly string[]): boolean => values.every((value, i) => i === 0 || values[i - 1]! <= value);

interface Columns {
  readonly time: number;
  readonly value: number;
  readonly name: string;
  readonly additive: boolean;
  readonly split: number | null;
}

/** One series in time order. Where rows are split by a category the parts of an instant are added up; averages cannot be. */
function* seriesOf(
  { rows, sql }: Pick<Result, 'rows' | 'sql'>,
  { time, value, name, additive, split }: Columns,
  now: number,
): Generator<Series> {
  if (split !== null && !additive) return;
  const totals = new Map<string, number>();
  for (const row of rows) {
    const number = toNumber(row[value]);
    const at = row[time];
    if (number === null || at === null || at === undefined) continue;
    totals.set(String(at), (totals.get(String(at)) ?? 0) + number);
  }
  const points = [...totals].map(([at, total]) => ({ at, value: total })).sort((a, b) => (a.at < b.at ? -1 : 1));
  const whole = wholePeriods(points, sql, now);
  if (whole.length > 1) yield { name, points: whole };
}

/** True where the newest point stands for a period that is not over: its sum would look like a fall. */
export function isUnfinished(points: readonly { readonly at: string }[], now: number): boolean {
  const grain = grainOf(points.map(({ at }) => at));
  const last = points.at(-1);
  return grain !== null && last !== undefined && endOf(last.at, grain) > now && instantOf(last.at) <= now;
}

const bound = /(>=?|<=?)\s*(?:timestamp|date|datetime)?\s*'(\d{4}-\d{2}-\d{2})([T ][\d:.]+)?'/gi;

/** Without the first and the last point where the statement's own limits cut through their periods, or the last is not over. */
function wholePeriods<Point extends { readonly at: string }>(points: readonly Point[], sql: string | null, now: number): readonly Point[] {
  const grain = grainOf(points.map(({ at }) => at));
  const [first, last] = [points[0], points.at(-1)];
  if (grain === null || !first || !last) return points;
  const limits = [...(sql ?? '').matchAll(bound)].map(([, sign, day, time]) => ({
    isLower: sign!.startsWith('>'),
    // Up to a day, that day included, is before the next.
    at: instantOf(`${day}${time ?? ''}`) + (sign === '<=' && !time ? 86_400_000 : 0),
  }));
  const cuts = ({ at }: Point, isLower: boolean): boolean =>
    limits.some((limit) => limit.isLower === isLower && limit.at > instantOf(at) && limit.at < endOf(at, grain));
  return points.slice(cuts(first, true) ? 1 : 0, isUnfinished(points, now) || cuts(last, false) ? -1 : undefined);
}
