import type { ColumnProfile } from './profile';
import { toNumber } from './profile';
import type { Candidate } from './rules';
import type { ChartRequest, VegaLiteSpec } from './types';

/** Rows drawn at most: past this a browser stalls and a reader sees ink. */
export const maxDrawnRows = 5_000;

type Part = Record<string, unknown>;

// Vega-Lite reads dots and brackets in a field as paths into objects; escaped they are part of the name.
const field = (name: string): string => name.replace(/([\\.[\]'"])/g, '\\$1');

const titled = (column: ColumnProfile): Part => ({ field: field(column.name), title: column.name.replaceAll('_', ' ') });

const positional = (column: ColumnProfile): Part => {
  if (column.role === 'time') return { ...titled(column), type: column.isYear ? 'ordinal' : 'temporal' };
  if (column.role === 'measure') return { ...titled(column), type: 'quantitative' };
  return { ...titled(column), type: 'nominal' };
};

const colour = (column: ColumnProfile): Part => ({
  color: { ...positional(column), type: column.role === 'measure' ? 'quantitative' : 'nominal' },
});

const barsBecomeHorizontal = ({ distinct, longest }: ColumnProfile): boolean => distinct > 8 || longest > 10;

const tooltip = (columns: readonly (ColumnProfile | null)[]): Part => ({
  tooltip: columns.filter((column) => column !== null).map(positional),
});

// A line may leave zero out, since it shows change and not amount; bars and areas may not, since their length is the amount.
const fromZero = (column: ColumnProfile): Part => ({ ...positional(column), scale: { zero: true } });
const aroundValues = (column: ColumnProfile): Part => ({
  ...positional(column),
  scale: { zero: (column.min ?? 0) >= 0 && (column.min ?? 0) < (column.max ?? 0) * 0.5 },
});

const builders: Readonly<Record<string, (candidate: Candidate) => Part | null>> = {
  table: () => null,

  metric: ({ placement: { y } }) => ({
    mark: { type: 'text', fontSize: 48 },
    encoding: { text: { ...titled(y!), type: 'quantitative', format: ',.6~r' } },
  }),

  line_chart: ({ placement: { x, y, series } }) => ({
    mark: { type: 'line', point: x!.distinct <= 60 },
    encoding: { x: positional(x!), y: aroundValues(y!), ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  area_chart: ({ placement: { x, y, series } }) => ({
    mark: { type: 'area' },
    encoding: { x: positional(x!), y: { ...fromZero(y!), stack: 'zero' }, ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  bar_chart: ({ placement: { x, y, series } }) => {
    const horizontal = x!.role !== 'time' && barsBecomeHorizontal(x!);
    // The rows keep the order of the query, which is part of its answer.
    const category = { ...positional(x!), type: x!.role === 'time' ? 'ordinal' : 'nominal', sort: null };
    const amount = { ...fromZero(y!), ...(series ? { stack: (y!.min ?? 0) < 0 ? null : 'zero' } : {}) };
    const encoding = horizontal ? { y: category, x: amount } : { x: category, y: amount };
    return { mark: { type: 'bar' }, encoding: { ...encoding, ...(series ? colour(series) : {}), ...tooltip([x, y, series]) } };
  },

  pie_chart: ({ placement: { x, y } }) => ({
    mark: { type: 'arc' },
    encoding: { theta: { ...positional(y!), stack: true }, color: { ...positional(x!), type: 'nominal', sort: null }, ...tooltip([x, y]) },
  }),

  scatter_plot: ({ placement: { x, y, series } }) => ({
    mark: { type: 'point', filled: true },
    encoding: { x: aroundValues(x!), y: aroundValues(y!), ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  heatmap: ({ placement: { x, y, series } }) => ({
    mark: { type: 'rect' },
    encoding: {
      x: { ...positional(x!), type: 'ordinal' },
      y: { ...positional(series!), type: 'ordinal' },
      ...colour(y!),
      ...tooltip([x, series, y]),
    },
  }),

  histogram: ({ placement: { x } }) => ({
    mark: { type: 'bar' },
    encoding: {
      x: { ...titled(x!), type: 'quantitative', bin: { maxbins: 30 } },
      y: { aggregate: 'count', type: 'quantitative', title: 'rows', scale: { zero: true } },
    },
  }),

  map: ({ placement: { x, y, series } }) => ({
    projection: { type: 'mercator' },
    mark: { type: 'circle', opacity: 0.7 },
    encoding: {
      longitude: { field: field(x!.name), type: 'quantitative' },
      latitude: { field: field(y!.name), type: 'quantitative' },
      ...(series ? { size: fromZero(series) } : {}),
    },
  }),
};

/** The Vega-Lite v5 specification of a chosen chart; null for a table. */
export function specFor(candidate: Candidate, { columns, rows, title }: ChartRequest, altText: string): VegaLiteSpec | null {
  const built = builders[candidate.type]?.(candidate) ?? null;
  if (!built) return null;
  const numeric = new Set(
    [candidate.placement.x, candidate.placement.y, candidate.placement.series]
      .filter((column) => column !== null && isNumeric(column))
      .map((column) => column!.index),
  );
  const values = rows
    .slice(0, maxDrawnRows)
    .map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, cell(row[index], numeric.has(index))])));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    description: altText,
    ...(title ? { title } : {}),
    width: 'container',
    data: { values },
    ...built,
  };
}

const isNumeric = ({ role }: ColumnProfile): boolean => role === 'measure' || role === 'latitude' || role === 'longitude';

// Exact numbers travel as strings; an axis needs numbers.
const cell = (value: unknown, numeric: boolean): unknown => {
  if (numeric) return toNumber(value);
  if (value === undefined || value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : typeof value === 'bigint' ? String(value) : value;
};
