import { profileColumns, toNumber } from '#platform/charts';

import { formatNumber, formatTime, wordsOf } from '../analysis/format';
import { labelOfPoint } from '../analysis/periods';
import { isUnfinished } from '../analysis/insights';
import { grainOf } from '../analysis/time-grain';
import type { Answer } from '../answer';

const mostNamed = 3;

/** The answer in words, built only from the rows and the insights, so that each number in it is one of theirs. */
export function respond(answer: Answer): string {
  if (answer.response) return answer.response;
  if (answer.clarification) return clarificationText(answer.clarification);
  if (!answer.data) return 'There is nothing to show for that.';
  const told = answer.intent === 'analysis' ? answer.insights.map(({ text }) => text) : [];
  return [headline(answer), ...told, ...answer.assumptions].filter(Boolean).join('\n');
}

function clarificationText({ question, options }: NonNullable<Answer['clarification']>): string {
  return options.length === 0 ? question : `${question}\n${options.map((option) => `- ${option}`).join('\n')}`;
}

function headline({ data, explanation }: Answer): string {
  const { columns, rows, rowCount, truncated } = data!;
  const lead = explanation?.replace(/[.:]\s*$/, '');
  if (rows.length === 0) return lead ? `${lead}: no rows match.` : 'No rows match.';
  const [row] = rows;
  if (rows.length === 1) {
    const values = columns.map(({ name }, index) => `${wordsOf(name)} ${show(row![index])}`);
    return columns.length === 1
      ? `${lead ?? wordsOf(columns[0]!.name)}: ${show(row![0])}.`
      : `${lead ? `${lead}: ` : ''}${values.join(', ')}.`;
  }
  const series = seriesWords(data!);
  if (series) return `${lead ? `${lead}: ` : ''}${formatNumber(rowCount)}${truncated ? ' or more' : ''} rows, ${series}.`;
  return `${lead ? `${lead}: ` : ''}${formatNumber(rowCount)}${truncated ? ' or more' : ''} rows${rankedWords(data!) ?? listWords(data!)}.`;
}

/** Categories with their numbers are told from the top, or from the bottom where that is how they were asked for. */
function rankedWords({ columns, rows, truncated }: NonNullable<Answer['data']>): string | null {
  const profiles = profileColumns(columns, rows);
  const [measure, ...others] = profiles.filter(({ role }) => role === 'measure');
  const labels = profiles.filter((profile) => profile.role === 'category');
  if (!measure || labels.length !== 1 || others.length + 2 !== profiles.length) return null;
  const values = rows.map((row) => toNumber(row[measure.index]));
  const isSorted = (sign: number): boolean =>
    values.every((value, i) => i === 0 || value === null || values[i - 1] === null || sign * (value - values[i - 1]!) <= 0);
  const told = (list: typeof rows): string =>
    list
      .slice(0, mostNamed)
      .map((row) => `${show(row[labels[0]!.index])}: ${show(row[measure.index])}`)
      .join(', ');
  if (isSorted(1)) return `; highest ${told(rows)}`;
  if (isSorted(-1)) return `; lowest ${told(rows)}`;
  // Of rows that were cut, the highest may be missing.
  if (truncated) return null;
  const place = (row: (typeof rows)[number]): number => toNumber(row[measure.index]) ?? -Infinity;
  return `; highest ${told([...rows].sort((a, b) => place(b) - place(a)))}`;
}

/** Rows with many columns are for reading in the table, and a few values of them say nothing. */
function listWords({ columns, rows }: NonNullable<Answer['data']>): string {
  if (columns.length > 3) return ` of ${columns.length} columns`;
  return `; first ${rows
    .slice(0, mostNamed)
    .map((row) => row.slice(0, 2).map(show).join(': '))
    .join(', ')}`;
}

/** A series in time order is told by its end and its peak, not by its distant beginning. */
function seriesWords({ columns, rows }: NonNullable<Answer['data']>): string | null {
  const profiles = profileColumns(columns, rows);
  const time = profiles.find(({ role }) => role === 'time');
  const [measure, ...others] = profiles.filter((profile) => profile !== time);
  if (!time || !measure || measure.role !== 'measure' || others.some(({ role }) => role !== 'measure')) return null;
  const times = rows.map((row) => String(row[time.index]));
  if (rows.length <= mostNamed || times.some((at, i) => i > 0 && at <= times[i - 1]!)) return null;
  const grain = grainOf(times);
  const label = (place: number): string => labelOfPoint(times[place]!, grain);
  const values = rows.map((row) => toNumber(row[measure.index]));
  const highest = values.reduce<number>((best, value, i) => (value !== null && value > (values[best] ?? -Infinity) ? i : best), 0);
  const preposition = grain === 'day' || grain === 'hour' ? 'on' : 'in';
  const told = (place: number): string => `${show(rows[place]![measure.index])} ${preposition} ${label(place)}`;
  const isGoingOn = isUnfinished(
    times.map((at) => ({ at })),
    Date.now(),
  );
  return `${label(0)} to ${label(rows.length - 1)}; highest ${told(highest)}, latest ${told(rows.length - 1)}${isGoingOn ? ' so far' : ''}`;
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const number =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && value.length < 16) ? toNumber(value) : null;
  // A bare year is a name and takes no thousands separator.
  if (number !== null) return Number.isInteger(number) && number >= 1900 && number <= 2100 ? String(number) : formatNumber(number);
  return typeof value === 'object' ? JSON.stringify(value) : formatTime(String(value));
}

const chartWishes: Readonly<Record<string, string>> = { bar_chart: 'As a bar chart', pie_chart: 'As a pie chart', table: 'As a table' };

/** Follow-ups that the shape of this answer makes sensible, after those that the engine proposed. */
export function followUps({ data, suggestions, intent, sql, visualization }: Answer, limit = 5): readonly string[] {
  const own: string[] = [];
  if (data && sql && intent !== 'visualization') {
    if (data.rows.length > 5 && visualization?.type === 'bar_chart') own.push('Only the top 5');
    const [first, ...rest] = data.columns;
    if (visualization?.type === 'line_chart' && rest.length === 1 && data.rows.length > 5) {
      const metric = wordsOf(rest[0]!.name);
      if (intent !== 'analysis') own.push(`Are there any anomalies in ${metric} by ${wordsOf(first!.name)}?`);
      own.push(`Why did ${metric} change?`, 'As a bar chart');
    }
    if (visualization?.type === 'bar_chart' && data.rows.length > 1 && data.rows.length <= 6) own.push('As a pie chart');
    if (data.rows.length > 2 && visualization?.type !== 'table') own.push('As a table');
  }
  const shown = visualization && chartWishes[visualization.type];
  return [...new Set([...suggestions, ...own])].filter((wish) => wish !== shown).slice(0, limit);
}
