import { toNumber } from '#platform/charts';

import type { ChangePart, Decomposition } from './decomposition';

/** Numerator and denominator of a ratio for each value of a dimension: of an average its sum and its count. */
export type RatioBreakdown = ReadonlyMap<string, { readonly total: unknown; readonly count: unknown }>;

export interface RatioPart extends ChangePart {
  /** What the value itself moved: its own ratio changed, at its average weight. */
  readonly rate: number;
  /** What its weight moved: it became a larger or smaller part, above or below the whole. */
  readonly mix: number;
}

export interface RatioDecomposition extends Decomposition {
  readonly parts: readonly RatioPart[];
}

/**
 * Splits the change of a ratio R = Σ wᵢrᵢ over the values of a dimension, where rᵢ is the ratio of a value and wᵢ its part of the
 * denominator: rate Δrᵢ·w̄ᵢ and mix Δwᵢ·(r̄ᵢ − R̄), bars being means of both periods. The parts add up to R₁ − R₀ (as the weights of a
 * period add up to 1, R̄ falls out of the sum). A value that is there in one period only has moved by its weight alone. Null where a
 * period has no denominator.
 */
export function decomposeRatio(before: RatioBreakdown, after: RatioBreakdown): RatioDecomposition | null {
  const [start, end] = [wholeOf(before), wholeOf(after)];
  if (start.count === 0 || end.count === 0) return null;
  const [r0, r1] = [start.total / start.count, end.total / end.count];
  const change = r1 - r0;
  const parts = [...new Set([...before.keys(), ...after.keys()])].map((label): RatioPart & { readonly weight: number } => {
    const [first, second] = [partOf(before, label), partOf(after, label)];
    const [w0, w1] = [first.count / start.count, second.count / end.count];
    const own0 = first.count === 0 ? null : first.total / first.count;
    const own1 = second.count === 0 ? null : second.total / second.count;
    const [from, to] = [own0 ?? own1 ?? 0, own1 ?? own0 ?? 0];
    const rate = ((to - from) * (w0 + w1)) / 2;
    const mix = w1 === w0 ? 0 : (w1 - w0) * ((from + to) / 2 - (r0 + r1) / 2);
    const moved = rate + mix;
    return {
      label,
      before: own0 ?? 0,
      after: own1 ?? 0,
      change: moved,
      share: change === 0 ? null : moved / change,
      rate,
      mix,
      weight: (w0 + w1) / 2,
    };
  });
  const moved = parts.reduce((sum, part) => sum + Math.abs(part.change), 0);
  const distance = moved === 0 ? 0 : parts.reduce((sum, part) => sum + Math.abs(Math.abs(part.change) / moved - part.weight), 0);
  return {
    before: r0,
    after: r1,
    change,
    parts: parts
      .sort((a, b) => Math.abs(b.change) - Math.abs(a.change) || (a.label < b.label ? -1 : 1))
      .map(({ weight: _weight, ...part }) => part),
    explains: parts.length < 2 ? 0 : Math.min(1, distance / 2),
  };
}

const numbers = ({ total, count }: { readonly total: unknown; readonly count: unknown }) => ({
  total: toNumber(total) ?? 0,
  count: toNumber(count) ?? 0,
});

const partOf = (breakdown: RatioBreakdown, label: string) => numbers(breakdown.get(label) ?? { total: 0, count: 0 });

export const wholeOf = (breakdown: RatioBreakdown): { readonly total: number; readonly count: number } =>
  [...breakdown.values()].map(numbers).reduce((sum, each) => ({ total: sum.total + each.total, count: sum.count + each.count }), {
    total: 0,
    count: 0,
  });
