/** "7 day moving average", "rolling 3-month total", "moving average over 4 weeks" where a question says them. */
import { unitWords } from '../lexicon/en/time';
import type { Token } from '../text/types';
import type { TimeGrain } from '../tree';

export interface MovingLink {
  /** The phrase, and where the number stands apart, the phrase that says it. */
  spans: { from: number; to: number }[];
  /** Periods that each value is taken over; absent where the question does not say. */
  size?: number;
  grain?: TimeGrain;
  /** What is shown of them: their sum instead of their average. */
  isTotal: boolean;
}

const MOST_PERIODS = 366;

export function linkMoving(tokens: readonly Token[]): MovingLink | undefined {
  const word = (i: number): string => tokens[i]?.lower ?? '';
  const at = tokens.findIndex((token) => /^(moving|rolling|trailing)$/.test(token.lower));
  if (at < 0) return undefined;
  const before = countedUnit(tokens, word(at - 2) === '-' ? at - 3 : at - 2);
  const behind = before ? undefined : countedUnit(tokens, at + 1);
  const counted = before?.to === at ? before : behind;
  const end = Math.max(at + 1, counted?.to ?? 0);
  const how = /^(average|avg|mean)$/.test(word(end)) ? 'average' : /^(sum|total)$/.test(word(end)) ? 'total' : undefined;
  // "trailing twelve months" is a period; a moving something else is not known.
  if (!how && !(counted && word(at) === 'rolling')) return undefined;
  const to = end + (how ? 1 : 0);
  const main = { from: counted ? Math.min(counted.from, at) : at, to: word(to) === 'of' ? to + 1 : to };
  const isTotal = how === 'total' || how === undefined;
  if (counted) return { spans: [main], size: counted.size, grain: counted.grain, isTotal };
  for (let i = main.to; i < tokens.length; i += 1) {
    const apart = /^(over|of|with)$/.test(word(i)) ? countedUnit(tokens, i + 1) : undefined;
    if (apart) return { spans: [main, { from: i, to: apart.to }], size: apart.size, grain: apart.grain, isTotal };
  }
  return { spans: [main], isTotal };
}

/** "7 day", "3-month", "12 months" at a token. */
function countedUnit(tokens: readonly Token[], at: number): { from: number; to: number; size: number; grain: TimeGrain } | undefined {
  const size = tokens[at]?.value;
  const unitAt = tokens[at + 1]?.lower === '-' ? at + 2 : at + 1;
  const grain = unitWords[tokens[unitAt]?.lower ?? ''];
  if (size === undefined || !grain || !Number.isInteger(size) || size < 2 || size > MOST_PERIODS) return undefined;
  return { from: at, to: unitAt + 1, size, grain };
}
