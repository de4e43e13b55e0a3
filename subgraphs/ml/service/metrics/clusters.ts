import type { Evaluation } from './evaluation';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The silhouette of the first 500 rows (Rousseeuw 1987) and the sizes of the clusters. */
export function evaluateClusters(rows: readonly (readonly number[])[], labels: readonly number[]): Evaluation {
  const distance = (a: readonly number[], b: readonly number[]): number =>
    Math.sqrt(a.reduce((sum, value, place) => sum + (value - b[place]!) ** 2, 0));
  const sample = rows.map((_, row) => row).slice(0, 500);
  const clusters = [...new Set(labels)].sort((a, b) => a - b);
  const scores = sample.map((row) => {
    const to = clusters.map((cluster) =>
      mean(sample.filter((other) => other !== row && labels[other] === cluster).map((other) => distance(rows[row]!, rows[other]!))),
    );
    const own = to[clusters.indexOf(labels[row]!)]!;
    const nearest = Math.min(...to.filter((_, place) => clusters[place] !== labels[row]));
    return Number.isFinite(nearest) && Math.max(own, nearest) > 0 ? (nearest - own) / Math.max(own, nearest) : 0;
  });
  const sizes = clusters.map((cluster) => ({ cluster, rows: labels.filter((label) => label === cluster).length }));
  return { metrics: { silhouette: mean(scores), clusters: clusters.length }, intervals: {}, details: { sizes } };
}
