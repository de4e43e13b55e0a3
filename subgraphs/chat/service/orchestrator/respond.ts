import { profileColumns, toNumber } from '#platform/charts';

import { formatNumber, formatTime, wordsOf } from '../analysis/format';
import { labelOfPoint } from '../analysis/periods';
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
  if (series) return `${lead ? `${lead}: ` : ''}${rowCount}${truncated ? ' or more' : ''} rows, ${series}.`;
  const first = rows.slice(0, mostNamed).map((each) => each.slice(0, 2).map(show).join(': '));
  return `${lead ? `${lead}: ` : ''}${rowCount}${truncated ? ' or more' : ''} rows; first ${first.join(', ')}.`;
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
  const told = (place: number): string => `${show(rows[place]![measure.index])} in ${label(place)}`;
  return `${label(0)} to ${label(rows.length - 1)}; highest ${told(highest)}, latest ${told(rows.length - 1)}`;
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const number =
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && value.length < 16) ? toNumber(value) : null;
  // A bare year is a name and takes no thousands separator.
  if (number !== null) return Number.isInteger(number) && number >= 1900 && number <= 2100 ? String(number) : formatNumber(number);
  return typeof value === 'object' ? JSON.stringify(value) : formatTime(String(value));
}

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
  return [...new Set([...suggestions, ...own])].slice(0, limit);
}
