import { chartFor, chartTypes, type Chart, type ChartType } from '#platform/charts';

import type { Widget } from '../dashboard/model';
import type { WidgetRows } from '../ports';

type Drawn = Pick<Widget, 'name' | 'widgetType' | 'config'>;
type Table = Pick<WidgetRows, 'columns' | 'rows'>;

/** Colour schemes of Vega; another name would stop the drawing. */
const categorical = [
  'accent',
  'category10',
  'category20',
  'dark2',
  'paired',
  'pastel1',
  'pastel2',
  'set1',
  'set2',
  'set3',
  'tableau10',
  'tableau20',
];
const sequential = ['blues', 'greens', 'greys', 'oranges', 'purples', 'reds', 'viridis', 'magma', 'plasma', 'inferno', 'cividis', 'turbo'];

/** By the rows themselves: they are kept while they are cached, and the same widget draws them the same. */
const charts = new WeakMap<object, Map<string, Chart | null>>();

/** The widget's own type where the rows can carry it, with its axes, colours and legend. */
export function chartOf(widget: Drawn, table: Table): Chart | null {
  const known = charts.get(table.rows) ?? new Map<string, Chart | null>();
  charts.set(table.rows, known);
  const key = JSON.stringify([widget.widgetType, widget.name, widget.config]);
  const chart = known.has(key) ? known.get(key)! : draw(widget, table);
  known.set(key, chart);
  return chart;
}

function draw({ name, widgetType, config }: Drawn, table: Table): Chart | null {
  if (table.rows.length === 0 || widgetType === 'text') return null;
  const type = (chartTypes as readonly string[]).includes(widgetType) ? (widgetType as ChartType) : null;
  const chart = chartFor({ ...withAxes(table, config), type, title: name });
  return chart.spec ? { ...chart, spec: withFormat(styled(chart.spec, config), config.number_format) } : chart;
}

/** Where x_axis and y_axis name columns, those are drawn, with the one of `series`; a name that the rows lack says nothing. */
function withAxes({ columns, rows }: Table, { x_axis: x, y_axis: y, series }: Drawn['config']): Table {
  const place = (name: unknown): number => columns.findIndex((column) => column.name === name);
  if (place(x) < 0 || place(y) < 0) return { columns, rows };
  const places = [...new Set([place(x), ...(place(series) < 0 ? [] : [place(series)]), place(y)])];
  return { columns: places.map((at) => columns[at]!), rows: rows.map((row) => places.map((at) => row[at])) };
}

function styled(
  spec: Readonly<Record<string, unknown>>,
  { color_scheme: scheme, show_legend: legend }: Drawn['config'],
): Readonly<Record<string, unknown>> {
  const config: Record<string, unknown> = { ...(spec.config as object | undefined) };
  if (legend === false) config.legend = { disable: true };
  if (categorical.includes(String(scheme))) config.range = { category: { scheme } };
  if (sequential.includes(String(scheme))) config.range = { category: { scheme }, ramp: { scheme }, heatmap: { scheme } };
  return Object.keys(config).length > 0 ? { ...spec, config } : spec;
}

/** d3-format: `.1%`, `$,.2f`, `~s`. */
const numberFormat = /^(?:.?[<>=^])?[+\-( ]?[$#]?0?\d{0,3},?(?:\.\d{1,2})?~?[a-z%]?$/i;

/** Amounts in the widget's own format: the number itself, axes and tooltips. Another text than a format says nothing. */
function withFormat(spec: Readonly<Record<string, unknown>>, format: unknown): Readonly<Record<string, unknown>> {
  if (typeof format !== 'string' || format === '' || !numberFormat.test(format)) return spec;
  const { encoding } = spec as { encoding?: Record<string, Encoding | Encoding[]> };
  const formatted = (channel: string, given: Encoding): Encoding => {
    if (given.type !== 'quantitative') return given;
    if (channel === 'x' || channel === 'y') return { ...given, axis: { ...given.axis, format } };
    return channel === 'text' || channel === 'tooltip' ? { ...given, format } : given;
  };
  const entries = Object.entries(encoding ?? {}).map(([channel, given]) => [
    channel,
    Array.isArray(given) ? given.map((part) => formatted(channel, part)) : formatted(channel, given),
  ]);
  return { ...spec, encoding: Object.fromEntries(entries) };
}

interface Encoding {
  readonly type?: string;
  readonly axis?: object;
  readonly format?: string;
}
