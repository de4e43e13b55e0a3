/** Exponential smoothing with trend and additive season (Holt 1957, Winters 1960); the parameters that fit the past best, by grid. */
export interface Smoothed {
  readonly level: number;
  readonly trend: number;
  readonly season: readonly number[];
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** Root mean square of the one-step errors. */
  readonly error: number;
}

const grid = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8];

export function fitSmoothing(series: readonly number[], period: number): Smoothed {
  const seasonal = period > 1 && series.length >= 2 * period;
  let best: Smoothed | undefined;
  for (const alpha of grid) {
    for (const beta of [0.01, 0.05, 0.1, 0.3]) {
      for (const gamma of seasonal ? [0.05, 0.1, 0.3, 0.6] : [0]) {
        const fitted = run(series, { period: seasonal ? period : 1, alpha, beta, gamma });
        if (!best || fitted.error < best.error) best = fitted;
      }
    }
  }
  return best!;
}

function run(
  series: readonly number[],
  { period, alpha, beta, gamma }: { period: number; alpha: number; beta: number; gamma: number },
): Smoothed {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const first = mean(series.slice(0, period));
  const season = period > 1 ? series.slice(0, period).map((value) => value - first) : [0];
  let level = first;
  let trend =
    period > 1
      ? (mean(series.slice(period, 2 * period)) - first) / period
      : series.length > 1
        ? (series.at(-1)! - series[0]!) / (series.length - 1)
        : 0;
  let squares = 0;
  for (const [time, value] of series.entries()) {
    const place = time % period;
    const expected = level + trend + season[place]!;
    squares += (value - expected) ** 2;
    const before = level;
    level = alpha * (value - season[place]!) + (1 - alpha) * (level + trend);
    trend = beta * (level - before) + (1 - beta) * trend;
    if (period > 1) season[place] = gamma * (value - level) + (1 - gamma) * season[place]!;
  }
  const shift = series.length % period;
  return {
    level,
    trend,
    season: [...season.slice(shift), ...season.slice(0, shift)],
    alpha,
    beta,
    gamma,
    error: Math.sqrt(squares / Math.max(1, series.length)),
  };
}

export interface ForecastPoint {
  readonly step: number;
  readonly value: number;
  /** 95 % interval, of independent normal errors. */
  readonly low: number;
  readonly high: number;
}

export const forecastSmoothing = ({ level, trend, season, alpha, error }: Smoothed, steps: number): ForecastPoint[] =>
  Array.from({ length: steps }, (_, index) => {
    const value = level + trend * (index + 1) + season[index % season.length]!;
    const width = 1.96 * error * Math.sqrt(1 + index * alpha * alpha);
    return { step: index + 1, value, low: value - width, high: value + width };
  });
