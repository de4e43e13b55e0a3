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
];

const isSeasonal = (series: readonly number[], period: number): boolean => period > 1 && series.length >= 3 * period;

/** The orders that forecast the end of the series best from its beginning. The library's own search falls into flat seasons. */
export function chooseOrders(series: readonly number[], period: number): ArimaOrders {
  const seasonal = isSeasonal(series, period);
  const held = Math.max(1, Math.min(seasonal ? period : 8, Math.floor(series.length / 4)));
  const [before, after] = [series.slice(0, -held), series.slice(-held)];
  const candidates = plain.flatMap(([p, d, q]) =>
    (isSeasonal(before, period) ? seasons : [[0, 0, 0] as const]).map(([P, D, Q]): ArimaOrders => ({ p, d, q, P, D, Q })),
  );
  let best: { orders: ArimaOrders; error: number } | undefined;
  for (const orders of candidates) {
    const points = tryForecast(before, { orders, period }, held);
    if (!points) continue;
    const error = points.reduce((sum, { value }, step) => sum + (value - after[step]!) ** 2, 0);
    if (Number.isFinite(error) && (!best || error < best.error)) best = { orders, error };
  }
  return best?.orders ?? { p: 0, d: 1, q: 1, P: 0, D: 0, Q: 0 };
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
  const model = new Arima({ ...orders, s: orders.P + orders.D + orders.Q > 0 ? period : 0, verbose: false }).train(series);
  try {
    const [values, variances] = model.predict(steps);
    return values.map((value, place) => {
      const width = 1.96 * Math.sqrt(Math.max(0, variances[place] ?? 0));
      return { step: place + 1, value, low: value - width, high: value + width };
    });
  } finally {
    model.destroy();
  }
}
