/** What the question asks for and the query does not do: each is a reason not to trust the reading. */
import type { Mention } from './mentions';
import type { Reading } from './reading';

/** Words that change the answer whatever else was understood; "total" and "compare" do not. */
const weighty = new Set([
  'superlative',
  'frequent',
  'rare',
  'aggregate',
  'share',
  'shareOfTotal',
  'growth',
  'running',
  'change',
  'never',
  'negation',
  'average',
]);

export function doubtsOf(reading: Reading): number {
  const { question, used } = reading;
  const isUsed = (span: { from: number; to: number }): boolean => {
    for (let i = span.from; i < span.to; i += 1) if (used.has(i)) return true;
    return false;
  };
  const isPart = (span: { from: number; to: number }): boolean =>
    reading.mentions.some((mention) => mention.from <= span.from && mention.to >= span.to && isNamed(mention) && isUsed(mention));
  const cues = question.cues.filter(
    (cue) => weighty.has(cue.cue) && !(cue.cue === 'aggregate' && cue.detail === 'sum') && !isUsed(cue) && !isPart(cue),
  );
  // One phrase may be several cues.
  const phrases = cues.filter((cue, place) => !cues.some((other, at) => at < place && other.from < cue.to && cue.from < other.to));
  const numbers = question.numbers.filter((number) => (number.operator !== undefined || number.role === 'top') && !isUsed(number));
  const periods = question.times.filter((time) => !isUsed(time));
  const days = reading.calendar.filter((link) => !isUsed(link));
  // "top 10 routes" without routes: there is nothing that the limit could hold for.
  const rankless = reading.limit !== undefined && reading.groups.length === 0 && !reading.entity && reading.measures.length > 0 ? 1 : 0;
  // A listing shows groups only where each has its own top rows.
  const isListing = !reading.afterMeasure && reading.measures.length === 0 && reading.entity !== undefined;
  const dropped = isListing && (reading.limit === undefined || reading.sort.length === 0) ? reading.groups.length : 0;
  // "top 10 %" is no ten; "only bought books" is more than having bought them.
  const percent = question.numbers.filter(
    (number) => reading.limit === number.value && /^(%|percent)$/.test(reading.word(number.to)),
  ).length;
  const only = question.tokens.filter(
    (token, i) => token.lower === 'only' && !used.has(i) && /^(who|that|which|have|has)$/.test(reading.word(i - 1)),
  ).length;
  return (
    percent +
    only +
    reading.doubts +
    reading.unanswered +
    (reading.moving && !isUsed(reading.moving.spans[0]!) ? 1 : 0) +
    phrases.length +
    numbers.length +
    periods.length +
    days.length +
    rankless +
    dropped +
    comparedWithMetric(reading)
  );
}

const isNamed = (mention: Mention): boolean =>
  mention.metric !== undefined ||
  mention.time !== undefined ||
  mention.columns.length > 0 ||
  mention.values.length > 0 ||
  mention.tables.length > 0;

/** "orders over the average order value", "between Oslo and Bergen": a comparison whose other side is no number. */
function comparedWithMetric(reading: Reading): number {
  return reading.question.tokens.filter((token, i) => {
    if (!/^(above|over|below|under|exceeding|than|between)$/.test(token.lower) || reading.used.has(i)) return false;
    const next = reading.next(i + 1, 1);
    return next !== undefined && !next.number && !next.time && !next.grain && (next.metric !== undefined || next.values.length > 0);
  }).length;
}
