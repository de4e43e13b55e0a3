import path from 'node:path';

import type { ForecastPoint } from './smoothing';

/** Orders of a seasonal ARIMA; the season's length is the document's period. */
export interface ArimaOrders {
  readonly p: number;
  readonly d: number;
  readonly q: number;
  readonly P: number;
  readonly D: number;
  readonly Q: number;
  /** Fitted to the logarithms: growth in per cent, and seasons that grow with it. */
  readonly log?: boolean;
}

interface Fitted {
  predict(steps: number): [number[], number[]];
  destroy(): void;
}
type ArimaClass = new (options: object) => { train(series: readonly number[]): Fitted };

let loaded: ArimaClass | undefined;

/** The library's own entry lets its native code write to standard output; this is the same build with nowhere to write to. */
function library(): ArimaClass {
  if (loaded) return loaded;
  // Not among the package's exports, so by path.
  const part = (name: string): unknown => require(path.join(path.dirname(require.resolve('arima')), name));
  const makeModule = part('wasm/native-sync.js') as (options: object) => unknown;
  const load = part('load.js') as (module: unknown) => ArimaClass;
  const silent = (): void => undefined;
  return (loaded = load(makeModule({ wasmBinary: part('wrapper/native.bin.js'), print: silent, printErr: silent })));
}

/** What covers most business series (Hyndman, Khandakar 2008), from plain to rich. */
const plain: readonly (readonly [number, number, number])[] = [
  [0, 1, 1],
  [1, 0, 0],
  [1, 1, 1],
  [2, 1, 1],
  [2, 0, 1],
  [1, 2, 1],
];
const seasons: readonly (readonly [number, number, number])[] = [
  [0, 1, 1],
  [1, 1, 0],
  [1, 0, 0],
];

const isSeasonal = (series: readonly number[], period: number): boolean => period > 1 && series.length >= 2.5 * period;

/** The orders that forecast the end of the series best from its beginning. The library's own search falls into flat seasons. */
export function chooseOrders(series: readonly number[], period: number): ArimaOrders {
  const seasonal = isSeasonal(series, period);
  // What is left must still show the season three times where that can be had: else only models without one could be compared.
  const spare = seasonal ? Math.max(4, series.length - 3 * period) : 8;
  const held = Math.max(1, Math.min(seasonal ? period : 8, spare, Math.floor(series.length / 4)));
  const before = series.slice(0, -held);
  const candidates = plain.flatMap(([p, d, q]) =>
    (isSeasonal(before, period) ? seasons : [[0, 0, 0] as const]).flatMap(([P, D, Q]): ArimaOrders[] =>
      series.every((value) => value > 0)
        ? [
            { p, d, q, P, D, Q },
            { p, d, q, P, D, Q, log: true },
          ]
        : [{ p, d, q, P, D, Q }],
    ),
  );
  let best: { orders: ArimaOrders; error: number } | undefined;
  for (const orders of candidates) {
    // From two origins: one alone is often won by chance.
    const errors = [held, Math.ceil(held / 2)].map((steps) => endError(series, { orders, period }, steps));
    const error = errors.reduce((sum, each) => sum + each, 0);
    if (Number.isFinite(error) && (!best || error < best.error) && isPlausible(series, { orders, period })) best = { orders, error };
  }
  return best?.orders ?? { p: 0, d: 1, q: 1, P: 0, D: 0, Q: 0 };
}

/** False for a fit that runs away: two equations that cancel in the sample and not after it. Its level may move twice as fast as it did. */
function isPlausible(series: readonly number[], model: { orders: ArimaOrders; period: number }): boolean {
  const steps = Math.min(model.period > 1 ? model.period : 8, Math.floor(series.length / 3));
  const points = tryForecast(series, model, steps);
  if (!points) return false;
  const [last, before] = [series.slice(-steps), series.slice(-2 * steps, -steps)];
  const [level, step] = [mean(last), Math.abs(mean(last) - mean(before))];
  const spread = Math.sqrt(mean(last.map((value) => (value - level) ** 2)));
  return Math.abs(mean(points.map(({ value }) => value)) - level) <= 2 * step + spread / 2;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean squared error of the last points, forecast from those before; infinite where there is no fit. */
function endError(series: readonly number[], model: { orders: ArimaOrders; period: number }, steps: number): number {
  const after = series.slice(-steps);
  const points = tryForecast(series.slice(0, -steps), model, steps);
  return points ? points.reduce((sum, { value }, step) => sum + (value - after[step]!) ** 2, 0) / steps : Infinity;
}

function tryForecast(series: readonly number[], model: { orders: ArimaOrders; period: number }, steps: number): ForecastPoint[] | null {
  try {
    return forecastArima(series, model, steps);
  } catch {
    // Too short for these orders, or no fit.
    return null;
  }
}

/** The library fits and forecasts in one; of the same series and orders, the same forecast. */
export function forecastArima(
  series: readonly number[],
  { orders, period }: { readonly orders: ArimaOrders; readonly period: number },
  steps: number,
): ForecastPoint[] {
  const Arima = library();
  const { log = false, ...rest } = orders;
  const back = (value: number): number => (log ? Math.exp(value) : value);
  const model = new Arima({ ...rest, s: orders.P + orders.D + orders.Q > 0 ? period : 0, verbose: false }).train(
    log ? series.map(Math.log) : series,
  );
  try {
    const [values, variances] = model.predict(steps);
    return values.map((value, place) => {
      const width = 1.96 * Math.sqrt(Math.max(0, variances[place] ?? 0));
      return { step: place + 1, value: back(value), low: back(value - width), high: back(value + width) };
    });
  } finally {
    model.destroy();
  }
}
