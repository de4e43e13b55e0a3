// A process of its own, so that its memory is what the training takes: a million rows of a DuckDB file, read, split, learned, measured.
import { randomUUID } from 'node:crypto';

import type { TrainingData } from '../../subgraphs/ml';
import { planOn, readDataset } from '../../subgraphs/ml/service/training/request';
import { trainInThread } from '../../subgraphs/ml/service/training/run-in-worker';
import { createSandbox } from '../../subgraphs/sql/service/sandbox';
import { createOpenSource } from '../../subgraphs/sql/service/sources';

async function main(file: string): Promise<void> {
  const sandbox = createSandbox({ warm: false, maxChildren: 1 });
  const source = createOpenSource({ sandbox })({ kind: 'duckdb', file, connection: {} });
  const data: TrainingData = {
    read: async (_caller, { sql, maxRows }) => ({
      ...(await source.query({ sql, maxRows, maxBytes: 1_000_000_000, timeoutMs: 300_000 })),
      queryId: 'q',
      dataVersion: 'v',
    }),
  };
  const request = {
    name: 'million',
    taskType: 'classification' as const,
    targetColumn: 'y',
    hyperparameters: { n_estimators: 100 },
    dataset: { sourceId: 's', query: 'select * from million' },
  };
  const started = performance.now();
  const dataset = await readDataset({ tenantId: randomUUID(), userId: 'u', roles: ['admin'], tier: 'free' }, request, { data });
  const readSeconds = (performance.now() - started) / 1_000;
  const trained = await trainInThread(dataset.frame, planOn(dataset, request));
  await sandbox.close();
  const result = {
    rows: dataset.frame.rowCount,
    readSeconds,
    seconds: (performance.now() - started) / 1_000,
    // Kibibytes, of the process with its threads; the sandbox that reads the file is another, with a limit of its own.
    peakMb: process.resourceUsage().maxRSS / 1_024,
    accuracy: trained.evaluation.metrics.accuracy,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main(process.argv[2]!).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
