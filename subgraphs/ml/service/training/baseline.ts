import { isNumeric, type Frame } from '../data/frame';

/** A feature as it was in training, to compare with later: the bounds of ten equal parts, or the shares of categories. */
export type FeatureBaseline =
  | { readonly kind: 'number'; readonly bounds: readonly number[]; readonly shares: readonly number[] }
  | { readonly kind: 'category'; readonly shares: Readonly<Record<string, number>> };

/** Categories remembered, the most frequent first. */
const maxCategories = 200;

export function baselineOf(frame: Frame, features: readonly string[]): Record<string, FeatureBaseline> {
  return Object.fromEntries(
    features.map((name): [string, FeatureBaseline] => {
      const column = frame.columns[frame.names.indexOf(name)]!;
      if (isNumeric(column)) {
        const sorted = column.filter((value) => !Number.isNaN(value)).sort();
        const tenths = Array.from({ length: 9 }, (_, tenth) => sorted[Math.floor(((tenth + 1) * sorted.length) / 10)] ?? 0);
        const bounds = [...new Set(tenths)];
        return [name, { kind: 'number', bounds, shares: sharesOf(sorted, bounds) }];
      }
      const counts = new Map<string, number>();
      let known = 0;
      for (const value of column) {
        if (value === null) continue;
        known += 1;
        counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const frequent = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, maxCategories);
      return [
        name,
        { kind: 'category', shares: Object.fromEntries(frequent.map(([value, count]) => [value, count / Math.max(1, known)])) },
      ];
    }),
  );
}

/** Shares of the values in the parts between the bounds. */
export function sharesOf(values: ArrayLike<number>, bounds: readonly number[]): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (let row = 0; row < values.length; row += 1) {
    let part = 0;
    while (part < bounds.length && values[row]! >= bounds[part]!) part += 1;
    counts[part]! += 1;
  }
  return counts.map((count) => count / Math.max(1, values.length));
}
