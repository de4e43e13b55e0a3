export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const mean = (values: readonly number[]): number => (values.length === 0 ? 0 : sum(values) / values.length);

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Modified z-scores 0.6745·(x − median)/MAD (Iglewicz and Hoaglin, 1993). Where more than half of the values are equal the MAD is 0 and
 * the mean absolute deviation takes its place, scaled by 1.2533.
 */
export function robustScores(values: readonly number[]): readonly number[] {
  const centre = median(values);
  const deviations = values.map((value) => Math.abs(value - centre));
  const mad = median(deviations);
  const scale = mad > 0 ? mad / 0.6745 : mean(deviations) * 1.253_314;
  return values.map((value) => (scale === 0 ? 0 : (value - centre) / scale));
}

/** Theil–Sen: the median of the slopes between all pairs; an outlier cannot turn it. Long series are thinned to 400 points. */
export function theilSen(values: readonly number[]): number {
  const stride = Math.max(1, Math.ceil(values.length / 400));
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i += stride)
    for (let j = i + stride; j < values.length; j += stride) slopes.push((values[j]! - values[i]!) / (j - i));
  return median(slopes);
}

/** Mann–Kendall: a two-sided p-value for "there is no trend", by the normal approximation with continuity correction and ties. */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let score = 0;
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) score += Math.sign(values[j]! - values[i]!);
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const tied = sum([...counts.values()].map((t) => t * (t - 1) * (2 * t + 5)));
  const variance = (n * (n - 1) * (2 * n + 5) - tied) / 18;
  if (variance <= 0) return 1;
  const z = (score - Math.sign(score)) / Math.sqrt(variance);
  return 2 * (1 - normalBelow(Math.abs(z)));
}

/** Φ(z), Abramowitz and Stegun 26.2.17; error below 7.5e-8. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const tail = t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}

/**
 * Centred running median. Within half a window of an end a median would be drawn towards the middle of a rising series, and an ordinary
 * end would look odd: there it is the Theil–Sen line through the outermost window, which one odd point at the end cannot turn.
 */
export function robustTrend(values: readonly number[], window: number): readonly number[] {
  const half = Math.floor(window / 2);
  const width = Math.min(values.length, 2 * half + 1);
  const [start, end] = [lineThrough(values.slice(0, width)), lineThrough(values.slice(-width))];
  return values.map((_, i) => {
    if (i < half) return start(i);
    if (i >= values.length - half) return end(i - (values.length - width));
    return median(values.slice(i - half, i + half + 1));
  });
}

function lineThrough(values: readonly number[]): (place: number) => number {
  const slope = theilSen(values);
  const level = median(values.map((value, i) => value - slope * i));
  return (place) => level + slope * place;
}

/**
 * Modified z-scores of what a fit by medians leaves. Such a fit goes through many of its points, whose nought would make the others look
 * odd: where they are few their part in the scale is taken out, and where most are nought they are the rule.
 */
export function residualScores(residual: readonly number[]): readonly number[] {
  const scores = robustScores(residual);
  const left = residual.filter((value) => value !== 0);
  if (left.length < (2 * residual.length) / 3) return scores;
  const [all, some] = [residual, left].map((list) => median(list.map(Math.abs)));
  return all === 0 || some === 0 ? scores : scores.map((score) => (score * all!) / some!);
}
