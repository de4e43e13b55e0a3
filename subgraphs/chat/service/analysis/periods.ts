import { formatTime } from './format';

/** A stretch of the calendar as words that a question may contain. */
export interface Period {
  readonly words: string;
  readonly grain: 'day' | 'month' | 'quarter' | 'year';
  /** First and last day, where it is only the beginning of such a stretch. */
  readonly days?: readonly [from: string, to: string];
}

/** A period as the end of a question. */
export const within = ({ words, days }: Period): string => (days ? `between ${days[0]} and ${days[1]}` : `in ${words}`);

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const monthPattern = monthNames.map((name) => `${name}|${name.slice(0, 3)}`).join('|');
const patterns = new RegExp(
  `\\b(?:(${monthPattern})\\.? (\\d{4})|(\\d{4})-(\\d{2})(?!-)|q([1-4]) (\\d{4})|(\\d{4}) q([1-4])|(\\d{4})-(\\d{2})-(\\d{2})|(\\d{4}))\\b`,
  'gi',
);

interface Calendar {
  readonly grain: Period['grain'];
  readonly year: number;
  /** Month 0–11, quarter 0–3; day as days since 1970. */
  readonly place: number;
}

const dayMs = 86_400_000;
const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

const wordsFor = ({ grain, year, place }: Calendar): string => {
  if (grain === 'month') return `${monthNames[place]!} ${year}`;
  if (grain === 'quarter') return `Q${place + 1} ${year}`;
  if (grain === 'day') return new Date(place * 86_400_000).toISOString().slice(0, 10);
  return String(year);
};

const periodFor = (calendar: Calendar): Period => ({ grain: calendar.grain, words: wordsFor(calendar) });

const previous = (calendar: Calendar): Calendar => {
  if (calendar.grain === 'year') return { ...calendar, year: calendar.year - 1 };
  if (calendar.grain === 'day') return { ...calendar, place: calendar.place - 1 };
  const places = calendar.grain === 'month' ? 12 : 4;
  return calendar.place === 0 ? { ...calendar, year: calendar.year - 1, place: places - 1 } : { ...calendar, place: calendar.place - 1 };
};

function calendarsIn(text: string): readonly Calendar[] {
  return [...text.matchAll(patterns)].map((match): Calendar => {
    const [, name, nameYear, isoYear, isoMonth, quarter, quarterYear, yearFirst, quarterAfter, dayYear, dayMonth, day, year] = match;
    if (name)
      return {
        grain: 'month',
        year: Number(nameYear),
        place: monthNames.findIndex((month) => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase()),
      };
    if (isoYear) return { grain: 'month', year: Number(isoYear), place: Number(isoMonth) - 1 };
    if (quarter) return { grain: 'quarter', year: Number(quarterYear), place: Number(quarter) - 1 };
    if (yearFirst) return { grain: 'quarter', year: Number(yearFirst), place: Number(quarterAfter) - 1 };
    if (dayYear)
      return {
        grain: 'day',
        year: Number(dayYear),
        place: Math.floor(Date.UTC(Number(dayYear), Number(dayMonth) - 1, Number(day)) / 86_400_000),
      };
    return { grain: 'year', year: Number(year), place: 0 };
  });
}

const stamp = ({ grain, year, place }: Calendar): number =>
  grain === 'day' ? place : year * 366 + (grain === 'month' ? place * 30 : grain === 'quarter' ? place * 91 : 0);

const relative = /\b(?:(last|past|previous|this|current) (month|quarter|year)|(yesterday|today))\b/gi;

/** "last month" is the newest whole one, "this month" the one that goes on. */
const relativesIn = (text: string, now: number): readonly Calendar[] =>
  [...text.matchAll(relative)].map(([, which, unit, day]) => relativeCalendar({ which, unit, day }, now));

function relativeCalendar({ which, unit, day }: Readonly<Record<'which' | 'unit' | 'day', string | undefined>>, now: number): Calendar {
  const [year, month] = [new Date(now).getUTCFullYear(), new Date(now).getUTCMonth()];
  const isPresent = /this|current|today/i.test(which ?? day!);
  const grain = day ? 'day' : (unit!.toLowerCase() as 'month' | 'quarter' | 'year');
  const place = { day: Math.floor(now / 86_400_000), month, quarter: Math.floor(month / 3), year: 0 }[grain];
  const present: Calendar = { grain, year, place };
  return isPresent ? present : previous(present);
}

/** The period before the one that a point stands for. */
export function periodBefore({ words }: Period): Period | null {
  const [calendar] = calendarsIn(words);
  return calendar ? periodFor(previous(calendar)) : null;
}

export const withoutPeriods = (text: string): string => text.replace(patterns, ' ').replace(relative, ' ');

/** The two periods that a question compares: both where it names two, else the named one and the one before it; null without any. */
export function comparedPeriods(
  text: string,
  now = Date.now(),
): { readonly before: Period; readonly after: Period; readonly count: number } | null {
  const [named, relatives] = [calendarsIn(text), relativesIn(text, now)];
  const [first, second] = named.length > 1 ? named : [...named, ...relatives];
  if (!first) return null;
  if (second) {
    const [before, after] = stamp(first) <= stamp(second) ? [first, second] : [second, first];
    return { before: periodFor(before), after: periodFor(after), count: 2 };
  }
  return { before: periodFor(previous(first)), after: periodFor(first), count: 1 };
}

const startOf = ({ grain, year, place }: Calendar): number =>
  grain === 'day' ? place * dayMs : Date.UTC(year, grain === 'month' ? place : grain === 'quarter' ? 3 * place : 0, 1);
const next = (calendar: Calendar): Calendar => {
  if (calendar.grain === 'day') return { ...calendar, place: calendar.place + 1 };
  const places = calendar.grain === 'month' ? 12 : calendar.grain === 'quarter' ? 4 : 1;
  return calendar.place + 1 === places ? { ...calendar, year: calendar.year + 1, place: 0 } : { ...calendar, place: calendar.place + 1 };
};

export interface Compared {
  readonly before: Period;
  readonly after: Period;
  /** What was done because the later period is not over; null where it is. */
  readonly note: string | null;
}

/**
 * Two periods of which the later is not over cannot be compared as wholes: the days of it that are over are compared with as many of
 * the earlier one. Where none is over yet, the newest whole period takes its place.
 */
export function likeWithLike({ before, after }: { readonly before: Period; readonly after: Period }, now = Date.now()): Compared {
  const [first, second] = [calendarsIn(before.words)[0], calendarsIn(after.words)[0]];
  const whole = { before, after, note: null };
  if (!first || !second || startOf(second) > now || startOf(next(second)) <= now) return whole;
  const daysOver = Math.floor((now - startOf(second)) / dayMs);
  if (daysOver === 0) {
    const earlier = previous(second);
    const [from, to] = [periodFor(previous(earlier)), periodFor(earlier)];
    const state = second.grain === 'day' ? 'is not over' : 'has only begun';
    return { before: from, after: to, note: `${after.words} ${state}: ${to.words} is compared with ${from.words}.` };
  }
  const beginning = (calendar: Calendar): Period => {
    const [start, end] = [startOf(calendar), startOf(next(calendar))];
    const last = Math.min(start + (daysOver - 1) * dayMs, end - dayMs);
    const count = Math.round((last - start) / dayMs) + 1;
    const { words, grain } = periodFor(calendar);
    return {
      grain,
      words: count === 1 ? `the first day of ${words}` : `the first ${count} days of ${words}`,
      days: [isoDay(start), isoDay(last)],
    };
  };
  const [from, to] = [beginning(first), beginning(second)];
  return {
    before: from,
    after: to,
    note: `${after.words} is not over: ${to.words} are compared with ${from.words}.`.replace(/^(.*first day of .*) are /, '$1 is '),
  };
}

/** The period of one point of a monthly, quarterly or yearly series: `2024-06-01` by month is June 2024. */
export function periodOfPoint(at: string, grain: string | null): Period | null {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(at);
  if (!match) return null;
  const [, year, month = '01', day = '01'] = match;
  if (grain === 'year' || at.length === 4) return periodFor({ grain: 'year', year: Number(year), place: 0 });
  if (grain === 'quarter') return periodFor({ grain: 'quarter', year: Number(year), place: Math.floor((Number(month) - 1) / 3) });
  if (grain === 'month') return periodFor({ grain: 'month', year: Number(year), place: Number(month) - 1 });
  if (grain === 'day') return { grain: 'day', words: `${year}-${month}-${day}` };
  return null;
}

/** A point of a series as people name it: "June 2024" for `2024-06-01` in a monthly one. */
export function labelOfPoint(at: string, grain: string | null): string {
  if (grain === 'week') return `the week of ${formatTime(at)}`;
  return (grain === null ? null : periodOfPoint(at, grain)?.words) ?? formatTime(at);
}
