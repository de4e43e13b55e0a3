/** Weekdays, months of the year and hours of the day where a question names them. */
import { weekdays as weekdayNames } from '../lexicon/en/calendar';
import { monthNames } from '../lexicon/en/time';
import type { Token } from '../text/types';
import type { DatePart } from '../tree';

export interface CalendarLink {
  from: number;
  to: number;
  part: DatePart['part'];
  /** Restricts to these; groups by the part where absent. */
  values?: number[];
}

const weekdays = weekdayNames.map((name) => name.toLowerCase());
const dayGroups: ReadonlyMap<string, number[]> = new Map([
  ['weekend', [0, 6]],
  ['weekends', [0, 6]],
  ['weekdays', [1, 2, 3, 4, 5]],
  ['workdays', [1, 2, 3, 4, 5]],
]);
const opener = /^(by|per|each|every|which|what|across|for)$/;

/** Weekdays are numbered from 0, Sunday, as every dialect of the renderer numbers them. */
export function linkCalendar(tokens: readonly Token[]): CalendarLink[] {
  const word = (i: number): string => tokens[i]?.lower ?? '';
  const links: CalendarLink[] = [];
  for (let i = 0; i < tokens.length; i += 1) {
    const group = groupAt(word, i);
    if (group) {
      const from = opener.test(word(i - 1)) ? i - 1 : i;
      links.push({ from, to: i + group.length, part: group.part });
      i += group.length - 1;
      continue;
    }
    const values = daysAt(word(i));
    if (!values) continue;
    const from = /^(on|at|during)$/.test(word(i - 1)) ? i - 1 : i;
    const last = links.at(-1);
    if (last?.values && last.part === 'weekday' && i - last.to <= 1 && /^(and|or|,|)$/.test(i === last.to ? '' : word(last.to))) {
      last.values.push(...values);
      last.to = i + 1;
    } else links.push({ from, to: i + 1, part: 'weekday', values: [...values] });
  }
  return links;
}

function groupAt(word: (i: number) => string, i: number): { part: DatePart['part']; length: number } | undefined {
  const first = word(i);
  if (/^weekdays?$/.test(first) && !/^(on|during)$/.test(word(i - 1))) return { part: 'weekday', length: 1 };
  // No moment of the past is meant, but the time of day.
  if (first === 'hour' && /^(busiest|quietest|best|worst|peak)$/.test(word(i - 1)) && word(i + 1) !== 'of')
    return { part: 'hour', length: 1 };
  if (first === 'seasonally') return { part: 'month', length: 1 };
  if (/^calendar$/.test(first) && /^months?$/.test(word(i + 1))) return { part: 'month', length: 2 };
  const the = /^(the|a)$/.test(word(i + 2)) ? 1 : 0;
  if (word(i + 1) !== 'of') return undefined;
  const whole = word(i + 2 + the);
  if (/^days?$/.test(first) && whole === 'week') return { part: 'weekday', length: 3 + the };
  if (/^days?$/.test(first) && whole === 'month') return { part: 'day', length: 3 + the };
  if (/^hours?$/.test(first) && whole === 'day') return { part: 'hour', length: 3 + the };
  if (/^months?$/.test(first) && whole === 'year') return { part: 'month', length: 3 + the };
  return undefined;
}

function daysAt(word: string): number[] | undefined {
  const group = dayGroups.get(word);
  if (group) return group;
  const day = weekdays.indexOf(word.replace(/s$/, ''));
  return day >= 0 && !monthNames[word] ? [day] : undefined;
}
