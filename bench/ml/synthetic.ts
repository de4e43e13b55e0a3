import { seededRandom } from '#platform/boosting';

export const features = 20;
export const names: readonly string[] = Array.from({ length: features }, (_, place) => `f${place}`);

/** Rows of uniform numbers; two classes by a rule of five of them, with noise. */
export function synthetic(rows: number, seed: number): { readonly matrix: number[][]; readonly target: number[] } {
  const random = seededRandom(seed);
  const matrix = Array.from({ length: rows }, () => names.map(() => Math.fround(random() * 2 - 1)));
  const target = matrix.map(([a, b, c, d, e]) =>
    Math.sin(3 * a!) + 2 * b! * c! + (d! > 0.2 ? 1 : -1) * e! + 0.6 * (random() - 0.5) > 0 ? 1 : 0,
  );
  return { matrix, target };
}

/** One measured promise. */
export interface Figure {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  /** Null where nothing was promised. */
  readonly met: boolean | null;
}

export const seconds = (from: number): number => (performance.now() - from) / 1_000;
export const shown = (value: number, digits = 2): string => value.toFixed(digits);
export const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
