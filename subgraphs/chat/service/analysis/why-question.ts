import { comparedPeriods, likeWithLike, withoutPeriods, type Period } from './periods';

export interface WhyQuestion {
  /** Words of the metric; null where the question says "it". */
  readonly metric: string | null;
  readonly before: Period | null;
  readonly after: Period | null;
  /** What was done because the later period is not over. */
  readonly note: string | null;
}

const moves =
  'drop|fall|fell|declin|decreas|shrink|shrank|sink|sank|lower|down|rise|rose|risen|increas|grow|grew|grown|jump|spike|surg|climb|higher|up|chang|mov|go|went|gone|differ|dip|peak|plung|crash|happen';
const why = new RegExp(
  `^(?:so\\s+)?(?:why|what (?:explains|drives|drove|caused)|what is (?:behind|driving)|explain)\\b\\s*(?:the\\s+)?(?:(?:did|does|do|has|have|had|is|was|were|are)\\s+)?(.*)$`,
  'i',
);

/** Reads "why did revenue drop in June 2024?"; null where the question does not ask for the reasons of a change. */
export function readWhyQuestion(question: string): WhyQuestion | null {
  const text = question.trim().replace(/[?.!]+$/, '');
  const match = why.exec(text);
  if (!match) return null;
  const rest = match[1]!;
  // "Why?" asks about what was said before.
  if (rest === '') return { metric: null, before: null, after: null, note: null };
  const move = new RegExp(`\\b(?:${moves})\\w*\\b`, 'i').exec(rest);
  if (!move) return null;
  const named = comparedPeriods(rest);
  const compared = named && likeWithLike(named);
  return {
    metric: metricWords(rest, { index: move.index, length: move[0].length }),
    before: compared?.before ?? null,
    after: compared?.after ?? null,
    note: compared?.note ?? null,
  };
}

const comparing = /^(?:please\s+)?(?:compare|contrast)\b|\b(?:vs\.?|versus|compared (?:to|with)|against)\s/i;

/** Reads "compare revenue this month with last month": one metric in two periods of the same length, and nothing else. */
export function readComparison(question: string, now = Date.now()): WhyQuestion | null {
  const text = question.trim().replace(/[?.!]+$/, '');
  if (!comparing.test(text) || /\b(?:by|per|each|top|bottom|which|who)\b/i.test(text)) return null;
  const named = comparedPeriods(text, now);
  if (!named || named.count !== 2 || named.before.grain !== named.after.grain || named.before.words === named.after.words) return null;
  const metric = clean(
    withoutPeriods(text)
      .replace(/^(?:please\s+)?(?:compare|contrast|show(?: me)?|what (?:is|was)|how (?:is|was|does|did))\b/i, ' ')
      .replace(/\b(?:vs\.?|versus|compared (?:to|with)|compare|against|with|to|and|in|for|of|from|between|that)(?=\s|$)/gi, ' '),
  );
  return metric === '' ? null : { metric, ...likeWithLike(named, now) };
}

/** "revenue drop in June" has the metric before the move; "the drop in revenue in June" after it. */
function metricWords(rest: string, { index, length }: { index: number; length: number }): string | null {
  const before = clean(rest.slice(0, index));
  if (before && !/^(it|that|this|they|there|so|big|a|an|sudden|sharp|large|strong)( (it|big|sudden|sharp|large|strong))*$/i.test(before))
    return before;
  if (before && /^(it|that|this|they)$/i.test(before)) return null;
  const after = /^\s*(?:in|of)\s+(.+)$/i.exec(rest.slice(index + length))?.[1];
  return after ? clean(after) || null : null;
}

const clean = (text: string): string =>
  text
    .replace(
      /\b(?:in|on|during|for|from|between|since|vs\.?|versus|compared (?:to|with)|to|and)\s+(?=(?:q[1-4]\s)?(?:the\s)?(?:(?:last|past|previous|this|current)\s(?:month|quarter|year)\b|\d{4}|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)\b).*$/i,
      '',
    )
    .replace(/\b(?:so much|suddenly|sharply|a lot|much|the|our|go|going|went|goes|been|being|gone)\b/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
