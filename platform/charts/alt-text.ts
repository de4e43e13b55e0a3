import { toNumber } from './profile';
import type { Candidate } from './rules';
import type { ChartRequest, ChartType } from './types';

const names: Readonly<Record<ChartType, string>> = {
  bar_chart: 'Bar chart',
  line_chart: 'Line chart',
  area_chart: 'Area chart',
  pie_chart: 'Pie chart',
  scatter_plot: 'Scatter plot',
  heatmap: 'Heat map',
  histogram: 'Histogram',
  map: 'Map',
  table: 'Table',
  metric: 'Figure',
};

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** What a person who cannot see the chart needs: its kind, its axes, how much there is, and its extremes. */
export function altTextFor({ type, placement: { x, y, series } }: Candidate, { rows, columns }: ChartRequest): string {
  const count = rows.length;
  if (type === 'table') return `Table of ${count} row${count === 1 ? '' : 's'}: ${columns.map(({ name }) => name).join(', ')}.`;
  if (type === 'metric') return `${y!.name}: ${number.format(toNumber(rows[0]?.[y!.index]) ?? 0)}.`;
  if (type === 'map') return `Map of ${count} points by latitude and longitude${series ? `, sized by ${series.name}` : ''}.`;
  if (type === 'histogram') return `Histogram of ${x!.name} over ${count} rows, from ${format(x!.min)} to ${format(x!.max)}.`;
  const by = series ? ` and ${series.name}` : '';
  return `${names[type]} of ${y!.name} by ${x!.name}${by}, ${count} rows. ${extremes({ rows, label: x!.index, value: y!.index })}`.trim();
}

const format = (value: number | null): string => (value === null ? 'none' : number.format(value));

function extremes({ rows, label, value }: { rows: ChartRequest['rows']; label: number; value: number }): string {
  let high: { at: unknown; value: number } | null = null;
  let low: { at: unknown; value: number } | null = null;
  for (const row of rows) {
    const found = toNumber(row[value]);
    if (found === null) continue;
    if (!high || found > high.value) high = { at: row[label], value: found };
    if (!low || found < low.value) low = { at: row[label], value: found };
  }
  if (!high || !low) return '';
  return `Highest: ${number.format(high.value)} at ${String(high.at)}; lowest: ${number.format(low.value)} at ${String(low.at)}.`;
}
