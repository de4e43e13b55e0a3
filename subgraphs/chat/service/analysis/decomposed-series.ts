import { median, robustTrend, theilSen } from './statistics';

export interface DecomposedSeries {
  readonly trend: readonly number[];
  /** One value for each place in the period; empty where there is no period. */
  readonly seasonal: readonly number[];
  readonly residual: readonly number[];
}

/**
 * Trend, season and rest by medians, in the manner of STL (Cleveland et al., 1990) with running medians in place of loess, so that a
 * single odd point stays wholly in the rest.
 */
export function decomposeSeries(values: readonly number[], period: number | null): DecomposedSeries {
  // On a slope the median of a window is mostly the point in its middle, which would leave nought of it: the slope is taken out first.
  const slope = theilSen(values);
  const parts = decomposeLevel(
    values.map((value, i) => value - slope * i),
    period,
  );
  return { ...parts, trend: parts.trend.map((value, i) => value + slope * i) };
}

function decomposeLevel(values: readonly number[], period: number | null): DecomposedSeries {
  const usable = period !== null && values.length >= 2 * period ? period : null;
  const window = usable ? 2 * usable + 1 : Math.max(3, Math.min(values.length, 7));
  let seasonal: readonly number[] = [];
  let trend = robustTrend(values, window);
  // The second pass finds the trend without the season that bent the first.
  for (let pass = 0; usable && pass < 2; pass += 1) {
    const detrended = values.map((value, i) => value - trend[i]!);
    const raw = Array.from({ length: usable }, (_, phase) => median(detrended.filter((__, i) => i % usable === phase)));
    const centre = median(raw);
    seasonal = raw.map((value) => value - centre);
    trend = robustTrend(
      values.map((value, i) => value - seasonal[i % usable]!),
      window,
    );
  }
  const residual = values.map((value, i) => value - trend[i]! - (usable ? seasonal[i % usable]! : 0));
  return { trend, seasonal, residual };
}
