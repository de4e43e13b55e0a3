import { axisFormat, figureFormat, isOrdered, periodFormat, periodTicks } from './formats';
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

type Rows = ChartRequest['rows'];

const positional = (column: ColumnProfile): Part => {
  // A moment without a zone is drawn as it is written, wherever the reader is: read and shown as UTC.
  if (column.role === 'time')
    return { ...titled(column), ...(column.isYear ? { type: 'ordinal' } : { type: 'temporal', scale: { type: 'utc' } }) };
  if (column.role === 'measure') return { ...titled(column), type: 'quantitative', ...axis({ format: axisFormat(column) }) };
  return { ...titled(column), type: 'nominal' };
};

const axis = (own: Part): Part => (Object.values(own).some((value) => value !== undefined) ? { axis: own } : {});

/** Time along an axis, labelled by the period that its values begin. */
function along(column: ColumnProfile, rows: Rows): Part {
  if (column.role !== 'time' || column.isYear) return positional(column);
  const format = periodFormat(rows, column.index);
  return {
    ...positional(column),
    ...axis({ format, labelOverlap: true, ...(format ? { tickCount: periodTicks(format, rows, column.index) } : {}) }),
  };
}

// A colour or a size has a legend where a position has an axis.
const amount = (column: ColumnProfile): Part => {
  const format = axisFormat(column);
  return { ...titled(column), type: 'quantitative', ...(format === undefined ? {} : { legend: { format } }) };
};

const colour = (column: ColumnProfile): Part => ({
  color: column.role === 'measure' ? amount(column) : { ...titled(column), type: 'nominal' },
});

const barsBecomeHorizontal = ({ distinct, longest }: ColumnProfile): boolean => distinct > 8 || longest > 10;

/** A tooltip has no scale and no axis: a moment is shown as UTC by its unit, an amount in full. */
const tooltip = (columns: readonly (ColumnProfile | null)[]): Part => ({
  tooltip: columns
    .filter((column) => column !== null)
    .map((column) => {
      const { scale: _scale, axis: _axis, ...part } = positional(column);
      if (part.type === 'temporal') return { ...part, timeUnit: column.hasTime ? 'utcyearmonthdatehoursminutes' : 'utcyearmonthdate' };
      return part.type === 'quantitative' ? { ...part, format: ',.6~g' } : part;
    }),
});

// A line may leave zero out, since it shows change and not amount; bars and areas may not, since their length is the amount.
const fromZero = (column: ColumnProfile): Part => ({ ...positional(column), scale: { zero: true } });
const aroundValues = (column: ColumnProfile): Part => ({
  ...positional(column),
  scale: { zero: (column.min ?? 0) >= 0 && (column.min ?? 0) < (column.max ?? 0) * 0.5 },
});

/** A bar or a cell for each period, as a label rather than a place on a scale. */
const periods = (column: ColumnProfile, rows: Rows): Part => ({
  ...titled(column),
  type: 'ordinal',
  timeUnit: column.hasTime ? 'utcyearmonthdatehoursminutes' : 'utcyearmonthdate',
  ...axis({ format: periodFormat(rows, column.index) ?? (column.hasTime ? '%d %b %H:%M' : '%d %b %Y'), labelOverlap: true }),
});

const cells = (column: ColumnProfile, rows: Rows): Part =>
  column.role === 'time' && !column.isYear ? periods(column, rows) : { ...titled(column), type: 'ordinal', ...level(column) };

/** Few and short labels stand side by side and are read without turning the head; every one is shown. */
const level = ({ distinct, longest }: ColumnProfile): Part => (distinct * longest <= 60 ? axis({ labelAngle: 0 }) : {});

const calendar =
  /^(?:(?:sun|mon|tues|wednes|thurs|fri|satur)day|january|february|march|april|may|june|july|august|september|october|november|december)$/i;

/** Weekdays and months by name: what is longest says less than what comes next. */
const isCalendar = (rows: Rows, index: number): boolean => rows.length > 1 && rows.every((row) => calendar.test(String(row[index])));

/** The order of the query is part of its answer; where it gives none, numbers count up and other bars begin with the longest. */
function orderOf({ x, y, series }: { x: ColumnProfile; y: ColumnProfile; series: ColumnProfile | null }, rows: Rows, horizontal: boolean) {
  if (series || isOrdered(rows, y.index) || isOrdered(rows, x.index) || isCalendar(rows, x.index)) return null;
  if (rows.every((row) => toNumber(row[x.index]) !== null)) return 'ascending';
  return horizontal ? '-x' : '-y';
}

const builders: Readonly<Record<string, (candidate: Candidate, rows: Rows) => Part | null>> = {
  table: () => null,

  metric: ({ placement: { y } }, rows) => ({
    mark: { type: 'text', fontSize: 48 },
    encoding: { text: { ...titled(y!), type: 'quantitative', format: figureFormat(toNumber(rows[0]?.[y!.index]) ?? 0) } },
  }),

  line_chart: ({ placement: { x, y, series } }, rows) => ({
    mark: { type: 'line', point: x!.distinct <= 60 },
    encoding: { x: along(x!, rows), y: aroundValues(y!), ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  area_chart: ({ placement: { x, y, series } }, rows) => ({
    mark: { type: 'area' },
    encoding: { x: along(x!, rows), y: { ...fromZero(y!), stack: 'zero' }, ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  bar_chart: ({ placement: { x, y, series } }, rows) => {
    const horizontal = x!.role !== 'time' && barsBecomeHorizontal(x!);
    const category =
      x!.role === 'time' && !x!.isYear
        ? periods(x!, rows)
        : {
            ...titled(x!),
            type: x!.role === 'time' ? 'ordinal' : 'nominal',
            sort: orderOf({ x: x!, y: y!, series }, rows, horizontal),
            ...(horizontal ? {} : level(x!)),
          };
    const length = { ...fromZero(y!), ...(series ? { stack: (y!.min ?? 0) < 0 ? null : 'zero' } : {}) };
    const encoding = horizontal ? { y: category, x: length } : { x: category, y: length };
    return { mark: { type: 'bar' }, encoding: { ...encoding, ...(series ? colour(series) : {}), ...tooltip([x, y, series]) } };
  },

  // Slices and legend in one order, the largest first.
  pie_chart: ({ placement: { x, y } }) => ({
    mark: { type: 'arc' },
    encoding: {
      theta: { ...titled(y!), type: 'quantitative', stack: true },
      color: { ...titled(x!), type: 'nominal', sort: { field: field(y!.name), op: 'sum', order: 'descending' } },
      order: { field: field(y!.name), type: 'quantitative', sort: 'descending' },
      ...tooltip([x, y]),
    },
  }),

  scatter_plot: ({ placement: { x, y, series } }) => ({
    mark: { type: 'point', filled: true },
    encoding: { x: aroundValues(x!), y: aroundValues(y!), ...(series ? colour(series) : {}), ...tooltip([x, y, series]) },
  }),

  heatmap: ({ placement: { x, y, series } }, rows) => ({
    mark: { type: 'rect' },
    encoding: {
      x: cells(x!, rows),
      y: cells(series!, rows),
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
      ...(series ? { size: { ...amount(series), scale: { zero: true } } } : {}),
    },
  }),
};

/** The Vega-Lite v5 specification of a chosen chart; null for a table. */
export function specFor(candidate: Candidate, { columns, rows, title }: ChartRequest, altText: string): VegaLiteSpec | null {
  const built = builders[candidate.type]?.(candidate, rows) ?? null;
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
  if (typeof value === 'string' && zoneless.test(value)) return `${value.replace(' ', 'T')}Z`;
  return typeof value === 'object' ? JSON.stringify(value) : typeof value === 'bigint' ? String(value) : value;
};

// Browsers read a time without a zone as their own, and a day as UTC's.
const zoneless = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/;
