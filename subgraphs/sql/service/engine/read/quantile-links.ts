/** Percentiles and quartiles where a question names them. */
import type { Token } from '../text/types';

export interface QuantileLink {
  from: number;
  to: number;
  /** Between 0 and 1, both left out. */
  fraction: number;
}

const quartiles: Readonly<Record<string, number>> = { first: 0.25, lower: 0.25, third: 0.75, upper: 0.75 };

export function linkQuantiles(tokens: readonly Token[]): QuantileLink[] {
  return tokens.flatMap((token, i): QuantileLink[] => {
    const word = (at: number): string => tokens[at]?.lower ?? '';
    const made = (percent: number, from: number, to: number): QuantileLink[] =>
      percent > 0 && percent < 100 ? [{ from, to, fraction: percent / 100 }] : [];
    const short = /^p(\d{1,2})$/.exec(token.lower);
    if (short && /^(of|[a-z]+)$/.test(word(i + 1))) return made(Number(short[1]), i, i + 1);
    if (token.lower === 'quartile' && quartiles[word(i - 1)]) return made(quartiles[word(i - 1)]! * 100, i - 1, i + 1);
    if (!/^percentiles?$/.test(token.lower)) return [];
    const ending = /^(st|nd|rd|th)$/.test(word(i - 1)) ? 1 : 0;
    const before = tokens[i - 1 - ending];
    if (before?.value !== undefined) return made(before.value, before.index, i + 1);
    return tokens[i + 1]?.value === undefined ? [] : made(tokens[i + 1]!.value!, i, i + 2);
  });
}
