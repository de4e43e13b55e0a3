import { decomposeSeries } from './decomposed-series';
import { formatNumber, formatPercent, formatTime, signed, signedPercent } from './format';
import { labelOfPoint } from './periods';
import { rateText } from './rate';
import { mannKendall, mean, median, residualScores, theilSen } from './statistics';
import { grainOf, periodOf } from './time-grain';
import type { Insight, Series } from './types';

type Found = Omit<Insight, 'sql'>;

const fewestForTrend = 6;
const fewestForOutliers = 8;
/** Iglewicz and Hoaglin's cut-off for modified z-scores. */
const outlierScore = 3.5;
/** At an end of a series the trend is known less well. */
const endScore = 3 * outlierScore;
const mostOutliers = 5;

/** What stands out in one series: its trend, its last change, its season and its odd points. */
export function seriesInsights(series: Series): readonly Found[] {
  return [trend(series), change(series), seasonality(series), ...outliers(series)].filter((found) => found !== null);
}

const valuesOf = (series: Series): readonly number[] => series.points.map(({ value }) => value);

function trend(series: Series): Found | null {
  const values = valuesOf(series);
  if (values.length < fewestForTrend) return null;
  const slope = theilSen(values);
  const level = median(values.map(Math.abs));
  // Testing more than 2,000 points costs seconds and decides nothing.
  const p = mannKendall(values.length > 2_000 ? values.slice(-2_000) : values);
  const total = slope * (values.length - 1);
  const relative = level === 0 ? 0 : total / level;
  if (p > 0.05 || Math.abs(relative) < 0.02) return null;
  const grain = grainOf(series.points.map(({ at }) => at));
  const [first, last] = [series.points[0]!, series.points.at(-1)!];
  return {
    kind: 'trend',
    text: `${series.name} ${slope > 0 ? 'rises' : 'falls'} by about ${rateText(slope, grain, values.length)} from ${labelOfPoint(first.at, grain)} to ${labelOfPoint(last.at, grain)} (${signedPercent(relative)} overall).`,
    importance: Math.min(0.9, 0.5 + Math.abs(relative) / 2),
    evidence: { slope, p, points: values.length, from: first.at, to: last.at, relativeChange: relative },
  };
}

function change(series: Series): Found | null {
  const [before, after] = series.points.slice(-2);
  if (!before || !after || before.value === after.value) return null;
  const difference = after.value - before.value;
  const relative = before.value === 0 ? null : difference / Math.abs(before.value);
  if (relative !== null && Math.abs(relative) < 0.01) return null;
  const grain = grainOf(series.points.map(({ at }) => at));
  return {
    kind: 'change',
    text: `${series.name} went from ${formatNumber(before.value)} in ${labelOfPoint(before.at, grain)} to ${formatNumber(after.value)} in ${labelOfPoint(after.at, grain)} (${signed(difference)}${relative === null ? '' : `, ${signedPercent(relative)}`}).`,
    importance: Math.min(0.8, 0.3 + Math.abs(relative ?? 0.2)),
    evidence: { from: before, to: after, difference, relativeChange: relative },
  };
}

/** Share of the variance left without the trend that the repeated pattern explains. */
function seasonality(series: Series): Found | null {
  const values = valuesOf(series);
  const times = series.points.map(({ at }) => at);
  const grain = grainOf(times);
  const period = periodOf(grain);
  if (period === null || values.length < 2 * period) return null;
  const { seasonal: raw, residual } = decomposeSeries(values, period);
  // Told as what each place adds or takes on average, so that the highest is above nought and the lowest below.
  const seasonal = raw.map((value) => value - mean(raw));
  const pattern = values.map((_, i) => seasonal[i % period]!);
  const variance = (numbers: readonly number[]): number => mean(numbers.map((value) => (value - mean(numbers)) ** 2));
  const strength = Math.max(
    0,
    1 - variance(residual) / Math.max(variance(pattern.map((value, i) => value + residual[i]!)), Number.MIN_VALUE),
  );
  // A pattern that is only the rounding of the numbers is none.
  if (strength < 0.4 || Math.max(...seasonal) - Math.min(...seasonal) <= 1e-9 * Math.max(...values.map(Math.abs))) return null;
  const high = seasonal.indexOf(Math.max(...seasonal));
  const low = seasonal.indexOf(Math.min(...seasonal));
  const label = (phase: number): string => phaseLabel(grain, times[phase]!);
  return {
    kind: 'seasonality',
    text: `${series.name} repeats every ${period} ${grain}s: highest ${label(high)} (${signed(seasonal[high]!)}), lowest ${label(low)} (${signed(seasonal[low]!)}); the pattern explains ${formatPercent(strength)} of the ups and downs.`,
    importance: 0.4 + strength / 3,
    evidence: { period, grain, strength, pattern: seasonal },
  };
}

// Made once: making one costs more than a whole analysis.
const weekday = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' });
const monthName = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' });

function phaseLabel(grain: string | null, at: string): string {
  const date = new Date(at.length <= 10 ? `${at}T00:00:00Z` : at.replace(' ', 'T').replace(/Z?$/, 'Z'));
  if (Number.isNaN(date.getTime())) return `at ${formatTime(at)}`;
  if (grain === 'day') return `on ${weekday.format(date)}s`;
  if (grain === 'month') return `in ${monthName.format(date)}`;
  if (grain === 'quarter') return `in the ${['first', 'second', 'third', 'fourth'][Math.floor(date.getUTCMonth() / 3)]} quarter`;
  if (grain === 'hour') return `at ${String(date.getUTCHours()).padStart(2, '0')}:00`;
  return `around ${formatTime(at)}`;
}

function outliers(series: Series): readonly Found[] {
  const values = valuesOf(series);
  if (values.length < fewestForOutliers) return [];
  const grain = grainOf(series.points.map(({ at }) => at));
  const { residual } = decomposeSeries(values, periodOf(grain));
  const scores = residualScores(residual);
  const mayBend = median(residual.map(Math.abs)) > 0;
  const odd = series.points
    .map((point, i) => ({ place: i, point, score: scores[i]!, expected: point.value - residual[i]! }))
    .filter(({ score, point, expected }) => Math.abs(score) > outlierScore && Math.abs(point.value - expected) > Math.abs(expected) * 0.05);
  return (
    neighbours(odd)
      .map((group) => ({ group, most: group.reduce((most, each) => (Math.abs(each.score) > Math.abs(most.score) ? each : most)) }))
      // At an end a bend and an odd point look alike, so that only one that is far off is told.
      .filter(({ group, most }) => Math.abs(most.score) > endScore || !mayBend || !touchesEnd(group, values.length))
      .sort((a, b) => Math.abs(b.most.score) - Math.abs(a.most.score))
      .slice(0, mostOutliers)
      .map(({ most: { point, score, expected }, group }) => ({
        kind: 'outlier' as const,
        text: `${spanOf(group.map((each) => labelOfPoint(each.point.at, grain)))} stand${group.length === 1 ? 's' : ''} out: ${series.name} was ${formatNumber(point.value)}${group.length === 1 ? '' : ` in ${labelOfPoint(point.at, grain)}`} where about ${formatNumber(expected)} was to be expected (${score > 0 ? '' : '−'}${formatNumber(Math.abs(score))} robust deviations).`,
        importance: Math.min(0.95, 0.6 + Math.abs(score) / 100),
        evidence: {
          at: point.at,
          value: point.value,
          expected,
          score,
          threshold: outlierScore,
          points: group.map((each) => each.point.at),
        },
      }))
  );
}

interface OddPoint {
  readonly place: number;
  readonly point: { readonly at: string; readonly value: number };
  readonly score: number;
  readonly expected: number;
}

/** Odd points beside each other, on the same side, are one event. */
function neighbours(odd: readonly OddPoint[]): readonly (readonly OddPoint[])[] {
  const groups: OddPoint[][] = [];
  for (const each of odd) {
    const last = groups.at(-1)?.at(-1);
    if (last && each.place === last.place + 1 && Math.sign(each.score) === Math.sign(last.score)) groups.at(-1)!.push(each);
    else groups.push([each]);
  }
  return groups;
}

const touchesEnd = (group: readonly OddPoint[], count: number): boolean => group[0]!.place === 0 || group.at(-1)!.place === count - 1;

const spanOf = (labels: readonly string[]): string => (labels.length === 1 ? labels[0]! : `${labels[0]!} to ${labels.at(-1)!}`);
