import { errors } from '#platform/errors';

import type { SourceOutline, WidgetQuery, WidgetRows } from '../ports';

import { chart, metric, type TemplateWidget } from './template-widget';

const [mostMetrics, mostBreakdowns, mostTried, mostBars] = [4, 4, 12, 10];

/** Runs what is tried; a failure is its own. */
export type Trial = (queries: readonly WidgetQuery[]) => Promise<readonly (WidgetRows | Error)[]>;

/**
 * The widgets that a source's own metrics and dimensions give. Each is tried on the data before it is placed: a metric that gives no
 * number and a breakdown that tells nothing apart are left out, and so is one that shows the rows of another under a second name.
 */
export async function generatedWidgets(outline: SourceOutline, trial: Trial): Promise<TemplateWidget[]> {
  const names = outline.metrics.slice(0, mostTried);
  const numbers = (
    await tried(
      names.map((name) => metric(titled(name), { metric: name })),
      { outline, trial },
    )
  ).filter(({ rows }) => isNumber(rows));
  const main = names.find((name) => titled(name) === numbers[0]?.widget.name);
  if (!main) {
    throw errors.INVALID_REQUEST(
      { what: 'source_id', hint: 'none of the metrics and measures of its semantic model gives a number' },
      { field: 'source_id' },
    );
  }
  const over = outline.hasTime ? [{ dimension: 'month', question: `${main} by month`, isTime: true }] : [];
  const by = outline.dimensions.slice(0, mostTried);
  const asked = [
    ...over,
    // The ten largest where the question can be read so; else all, where they are few.
    ...by.map((dimension) => ({ dimension, question: `top ${mostBars} ${dimension} by ${main}`, isTime: false })),
    ...by.map((dimension) => ({ dimension, question: `${main} by ${dimension}`, isTime: false })),
  ];
  const charts = asked.map(({ dimension, question, isTime }) =>
    chart(titled(`${main} by ${dimension}`), isTime ? 'line_chart' : 'bar_chart', { question }, isTime ? 12 : 6),
  );
  const told = (await tried(charts, { outline, trial })).filter(({ widget, rows }) => isBreakdown(rows, asked[charts.indexOf(widget)]!));
  const [lines, bars] = [true, false].map((isLine) =>
    distinct(told).filter(({ widget }) => (widget.widgetType === 'line_chart') === isLine),
  );
  return [...numbers.slice(0, mostMetrics), ...lines!, ...bars!.slice(0, mostBreakdowns)].map(({ widget }) => widget);
}

const titled = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

interface Tried {
  readonly widget: TemplateWidget;
  readonly rows: WidgetRows;
}

async function tried(
  widgets: readonly TemplateWidget[],
  { outline, trial }: { outline: SourceOutline; trial: Trial },
): Promise<readonly Tried[]> {
  const answers = await trial(widgets.map(({ source }) => ({ ...source, sourceId: outline.id, filters: [], maxRows: 20, refresh: false })));
  return widgets.flatMap((widget, place) => {
    const rows = answers[place];
    return rows && !(rows instanceof Error) ? [{ widget, rows }] : [];
  });
}

const isNumber = ({ columns, rows }: WidgetRows): boolean => rows.length === 1 && columns.length === 1 && typeof rows[0]![0] === 'number';

/** By what was asked, without a doubt of the one who read it. A line over time may be long, bars may not. */
const isBreakdown = (
  { columns, rows, warnings }: WidgetRows,
  { dimension, isTime }: { readonly dimension: string; readonly isTime: boolean },
): boolean =>
  warnings.length === 0 &&
  columns.length === 2 &&
  ` ${dimension}`.endsWith(` ${columns[0]!.name.replaceAll('_', ' ')}`) &&
  rows.length > 1 &&
  (isTime || rows.length <= mostBars) &&
  rows.some((row) => row[0] !== null) &&
  typeof rows[0]![1] === 'number';

/** The same heading, or the same numbers under another, are the same picture. */
function distinct(all: readonly Tried[]): Tried[] {
  const seen = new Set<string>();
  return all.filter(({ widget, rows }) => {
    const numbers = JSON.stringify(rows.rows.map((row) => row[1]));
    if (seen.has(numbers) || seen.has(widget.name)) return false;
    seen.add(numbers).add(widget.name);
    return true;
  });
}
