import { toNumber } from '#platform/charts';

import { formatNumber, formatTime, wordsOf } from '../analysis/format';
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
  const first = rows.slice(0, mostNamed).map((each) => each.slice(0, 2).map(show).join(': '));
  return `${lead ? `${lead}: ` : ''}${rowCount}${truncated ? ' or more' : ''} rows; first ${first.join(', ')}.`;
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
    if (data.rows.length > 2 && visualization?.type !== 'table') own.push('As a table');
  }
  return [...new Set([...suggestions, ...own])].slice(0, limit);
}
