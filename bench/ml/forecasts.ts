import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { toFrame } from '../../subgraphs/ml/service/data/frame';
import { planTraining } from '../../subgraphs/ml/service/training/plan';
import { trainModel } from '../../subgraphs/ml/service/training/train-model';
import { buildDemo } from '../../subgraphs/sql/service/demo';
import { createSandbox } from '../../subgraphs/sql/service/sandbox';
import { createOpenSource } from '../../subgraphs/sql/service/sources';

import { shown, type Figure } from './synthetic';

/** Whole months only: the present one is not over. */
const monthly = (measure: string, from: string): string =>
  `select date_trunc('month', ordered_at)::date as month, ${measure} as value from ${from} where status = 'completed' and ordered_at < date_trunc('month', (select max(ordered_at) from orders)) group by 1 order by 1`;

const series = [
  { what: 'orders', sql: monthly('count(*)', 'orders') },
  { what: 'revenue', sql: monthly('sum(i.quantity * i.unit_price * (100 - i.discount_percent) / 100)::double', 'orders o join order_items i on i.order_id = o.id') },
  { what: 'customers that ordered', sql: monthly('count(distinct customer_id)', 'orders') },
]; // prettier-ignore

/** The last twelve months of the demo shop, forecast from those before, beside the same months a year earlier. */
export async function forecasts(): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'forecasts-'));
  const sandbox = createSandbox({ warm: false, maxChildren: 1 });
  try {
    const { file } = await buildDemo('shop', { directory, now: new Date() });
    const shop = createOpenSource({ sandbox })({ kind: 'duckdb', file, connection: {} });
    const figures: Figure[] = [];
    for (const { what, sql } of series) {
      const { columns, rows } = await shop.query({ sql, maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 60_000 });
      const frame = toFrame(columns.map(({ name }) => name), rows); // prettier-ignore
      for (const algorithm of ['exponential_smoothing', 'arima']) {
        const split = { strategy: 'time' as const, testSize: 0.2, seed: 1, timeColumn: 'month' };
        const plan = planTraining(frame, { task: 'forecasting', algorithm, hyperparameters: { period: 12, horizon: 12 }, target: 'value', split }); // prettier-ignore
        const { metrics } = (await trainModel(frame, plan, () => undefined)).evaluation;
        const [ours, naive] = [metrics.rmse!, metrics.seasonal_naive_rmse!];
        figures.push({
          what: `${what} of the last 12 of ${frame.rowCount} months of the demo shop, ${algorithm}: RMSE`,
          wanted: `under seasonal naive, ${shown(naive, 0)}`,
          measured: shown(ours, 0),
          met: ours < naive,
        });
      }
    }
    return figures;
  } finally {
    await sandbox.close();
    await rm(directory, { recursive: true, force: true });
  }
}
