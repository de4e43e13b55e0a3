import { formatTime } from './format';

/** A stretch of the calendar as words that a question may contain. */
export interface Period {
  readonly words: string;
  readonly grain: 'day' | 'month' | 'quarter' | 'year';
}

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

const relative = /\b(?:(last|past|previous|this|current) (month|quarter|year)|(yesterday|today))\b/i;

/** "last month" is the newest whole one, "this month" the one that goes on. */
function relativeIn(text: string, now: number): Calendar | null {
  const match = relative.exec(text);
  if (!match) return null;
  const [, which, unit, day] = match;
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

/** The two periods that a question compares: both where it names two, else the named one and the one before it; null without any. */
export function comparedPeriods(text: string, now = Date.now()): { readonly before: Period; readonly after: Period } | null {
  const named = calendarsIn(text);
  const found = named.length > 0 ? named : [relativeIn(text, now)].filter((calendar) => calendar !== null);
  const [first, second] = found;
  if (!first) return null;
  if (second) {
    const [before, after] = stamp(first) <= stamp(second) ? [first, second] : [second, first];
    return { before: periodFor(before), after: periodFor(after) };
  }
  return { before: periodFor(previous(first)), after: periodFor(first) };
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
