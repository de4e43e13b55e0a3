import type { ColumnProfile } from './profile';
import type { ChartIntent, ChartType, RankedChart } from './types';

/** The columns that fill a chart's places. */
export interface Placement {
  readonly x: ColumnProfile | null;
  readonly y: ColumnProfile | null;
  readonly series: ColumnProfile | null;
}

export interface Candidate extends RankedChart {
  readonly placement: Placement;
}

export interface DataShape {
  readonly rowCount: number;
  readonly times: readonly ColumnProfile[];
  readonly measures: readonly ColumnProfile[];
  readonly categories: readonly ColumnProfile[];
  readonly identifiers: readonly ColumnProfile[];
  readonly latitude: ColumnProfile | null;
  readonly longitude: ColumnProfile | null;
}

export function shapeOf(profiles: readonly ColumnProfile[], rowCount: number): DataShape {
  const having = (role: ColumnProfile['role']): readonly ColumnProfile[] => profiles.filter((profile) => profile.role === role);
  const categories = having('category');
  return {
    rowCount,
    times: having('time'),
    measures: having('measure'),
    // An identifier names the rows where nothing better does.
    categories: categories.length > 0 ? categories : having('identifier'),
    identifiers: having('identifier'),
    latitude: having('latitude')[0] ?? null,
    longitude: having('longitude')[0] ?? null,
  };
}

type Rule = (shape: DataShape, intent: ChartIntent | null) => Candidate | null;

const candidate = (type: ChartType, score: number, details: { reason: string } & Partial<Placement>): Candidate => ({
  type,
  score,
  reason: details.reason,
  placement: { x: details.x ?? null, y: details.y ?? null, series: details.series ?? null },
});

const mostSlices = 6;
const mostSeries = 8;
const mostBars = 60;
const mostCells = 2_500;

const metric: Rule = ({ rowCount, measures }) => {
  const [y] = measures;
  if (rowCount !== 1 || !y) return null;
  // Several numbers or names in one row belong together: the table, which shows all of them, comes first.
  return candidate('metric', measures.length === 1 ? 1 : 0.18, { y, reason: 'one row with a number is read best as the number itself' });
};

const line: Rule = ({ times, measures, categories, rowCount }, intent) => {
  const [x] = times;
  const [y] = measures;
  if (!x || !y || x.distinct < 2) return null;
  const series = categories.find(({ distinct }) => distinct > 1) ?? null;
  if (series && series.distinct > mostSeries) return null;
  if (!series && rowCount > x.distinct) return null;
  const reason = series
    ? `a value over time, one line for each of the ${series.distinct} values of ${series.name}`
    : 'a value over time reads as a line, left to right';
  return candidate('line_chart', intent === 'trend' ? 1 : 0.95, { x, y, series, reason });
};

const area: Rule = ({ times, measures, categories, rowCount }, intent) => {
  const [x] = times;
  const [y] = measures;
  const series = categories.find(({ distinct }) => distinct > 1) ?? null;
  if (!x || !y || x.distinct < 3 || (y.min ?? 0) < 0) return null;
  if (series ? series.distinct > mostSeries : rowCount > x.distinct) return null;
  const score = intent === 'share' && series ? 0.98 : series ? 0.7 : 0.6;
  return candidate('area_chart', score, {
    x,
    y,
    series,
    reason: series ? 'stacked parts show both the whole and its make-up over time' : 'an area shows volume over time, from zero',
  });
};

const bar: Rule = ({ categories, measures, times, rowCount }, intent) => {
  const [y] = measures;
  const x = categories[0] ?? times[0];
  if (!x || !y || rowCount === 0 || x.distinct > mostBars) return null;
  // One bar has nothing beside it to be compared with.
  if (rowCount === 1 && measures.length + categories.length > 2)
    return candidate('bar_chart', 0.1, { x, y, reason: 'one row can be drawn as a single bar' });
  const rest =
    categories.slice(1).find(({ distinct }) => distinct > 1) ??
    (categories[0] ? (times.find(({ distinct }) => distinct > 1) ?? null) : null);
  if (rest && rest.distinct > mostSeries) return null;
  const overTime = x.role === 'time';
  const score = overTime ? 0.65 : rest ? (times.length > 0 ? 0.6 : 0.85) : intent === 'share' ? 0.8 : intent === 'relationship' ? 0.5 : 0.9;
  const reason = overTime
    ? 'separate periods compared by length'
    : 'amounts of separate categories are compared most exactly by length, from zero';
  return candidate('bar_chart', score, { x, y, series: rest, reason });
};

const pie: Rule = ({ categories, measures, times, rowCount }, intent) => {
  const [x] = categories;
  const [y] = measures;
  if (
    !x ||
    !y ||
    times.length > 0 ||
    categories.length > 1 ||
    rowCount < 2 ||
    rowCount > mostSlices ||
    (y.min ?? -1) < 0 ||
    (y.max ?? 0) <= 0
  )
    return null;
  return candidate('pie_chart', intent === 'share' ? 0.95 : 0.45, { x, y, reason: `${rowCount} parts of one whole` });
};

const scatter: Rule = ({ measures, categories, times, rowCount }, intent) => {
  const [x, y] = measures;
  if (!x || !y || rowCount < 3 || times.length > 0) return null;
  const series = categories.find(({ distinct }) => distinct > 1 && distinct <= mostSeries) ?? null;
  const score = intent === 'relationship' ? 1 : categories.length === 0 ? 0.9 : 0.55;
  return candidate('scatter_plot', score, { x, y, series, reason: 'two numbers for each row: points show how they go together' });
};

const heatmap: Rule = ({ categories, times, measures }) => {
  const axes = [...times, ...categories].filter(({ distinct }) => distinct > 1);
  const [x, series] = axes;
  const [y] = measures;
  if (!x || !series || !y || x.distinct * series.distinct > mostCells) return null;
  const crowded = series.distinct > mostSeries;
  return candidate('heatmap', crowded ? 0.88 : 0.5, { x, y, series, reason: `a grid of ${x.name} by ${series.name}, darker for more` });
};

const histogram: Rule = ({ measures, rowCount, categories, times }, intent) => {
  const [x] = measures;
  if (!x || rowCount < 10 || x.distinct < 5) return null;
  const alone = categories.length === 0 && times.length === 0 && measures.length === 1;
  // Ranges hide which category has which amount: with names to read, a table says more.
  return candidate('histogram', intent === 'distribution' ? 1 : alone ? 0.9 : categories.length > 0 ? 0.15 : 0.3, {
    x,
    reason: 'many values of one number: how often each range occurs',
  });
};

const map: Rule = ({ latitude, longitude, measures, rowCount }) => {
  if (!latitude || !longitude || rowCount === 0) return null;
  return candidate('map', 0.97, {
    x: longitude,
    y: latitude,
    series: measures[0] ?? null,
    reason: 'the rows have a latitude and a longitude',
  });
};

const table: Rule = ({ rowCount }) =>
  candidate('table', 0.2, { reason: rowCount === 0 ? 'no rows came back' : 'text and many columns are read best row by row' });

const rules: readonly Rule[] = [metric, map, line, area, bar, pie, scatter, heatmap, histogram, table];

/** Every type that the data can carry, best first; a table is always among them. */
export const rankCharts = (shape: DataShape, intent: ChartIntent | null): readonly Candidate[] =>
  rules
    .map((rule) => rule(shape, intent))
    .filter((found) => found !== null)
    .sort((a, b) => b.score - a.score);
