import type { Caller } from '#platform/auth';
import { errors } from '#platform/errors';
import { createMemoryEventLog, type EventLog } from '#platform/events';
import { createCron, createJobQueue, type JobQueue } from '#platform/jobs';

import { createMlSubgraph, mlMigrations, type MlSubgraph, type TrainingData, type TrainingSources } from '../../subgraphs/ml';
import { seeded } from '../../subgraphs/ml/service/data/random';
import { testDatabase, type TestDatabase } from '../kit/database';
import { until } from '../kit/until';

type Table = { readonly names: readonly string[]; readonly rows: readonly (readonly unknown[])[] };

const random = seeded(11);
/** Price depends on size and town, `sold` on the price, `band` has three classes. */
const houses: Table = {
  names: ['size', 'age', 'town', 'price', 'sold', 'band', 'new'],
  rows: Array.from({ length: 300 }, (_, row) => {
    const [size, age] = [Math.round(random() * 100), Math.round(random() * 50)];
    const town = ['north', 'south', 'west'][row % 3]!;
    const price = size * 3 - age + (town === 'north' ? 80 : 0) + random() * 5;
    return [
      size,
      row % 13 === 0 ? null : age,
      town,
      price,
      price > 180 ? 'yes' : 'no',
      price > 240 ? 'high' : price > 120 ? 'mid' : 'low',
      age < 15,
    ];
  }),
};
const sales: Table = {
  names: ['month', 'sales'],
  rows: Array.from({ length: 72 }, (_, month) => [month, 100 + month * 2 + 30 * Math.sin((month * Math.PI) / 6) + 4 * random()]),
};
/** Enough rows that a large forest on them is still being trained when a test cancels it, however slow the test's own process is. */
const region: Table = { names: houses.names, rows: Array.from({ length: 18_000 }, (_, row) => houses.rows[row % houses.rows.length]!) };
const tables: Readonly<Record<string, Table>> = { houses, sales, region };

/** Rows that never change, by the table's name as the query. `gate` holds the next reads back. */
export class FixedRows implements TrainingData {
  gate: Promise<void> = Promise.resolve();
  reads = 0;

  async read(_caller: Caller, { sql, maxRows }: Parameters<TrainingData['read']>[1]) {
    this.reads += 1;
    await this.gate;
    const table = tables[/houses|sales|region/.exec(sql)![0]]!;
    return {
      queryId: `q-${sql}`,
      columns: table.names.map((name) => ({ name, type: 'any' })),
      rows: table.rows.slice(0, maxRows),
      truncated: table.rows.length > maxRows,
      dataVersion: 'v1',
    };
  }
}

/** Every source is there but `gone`. */
const sources: TrainingSources = {
  check: async (_caller, sourceId) => {
    if (sourceId === 'gone') throw errors.NOT_FOUND({ kind: 'source' });
  },
};

export interface MlWorld extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly data: FixedRows;
  readonly ml: MlSubgraph;
  readonly jobs: JobQueue;
  /** The process ends and another takes its place, on the same database. */
  restart(): Promise<MlSubgraph>;
  train(caller: Caller, input: Record<string, unknown>): Promise<{ modelId: string; version: number; jobId: string }>;
}

/** The ml domain on a real database, job queue and log. */
export async function mlWorld(given?: TrainingData): Promise<MlWorld> {
  const db = await testDatabase([mlMigrations]);
  const log: EventLog = createMemoryEventLog();
  const data = new FixedRows();
  const open = async () => {
    const jobs = createJobQueue({ db });
    const cron = createCron({ db, jobs });
    const ml = createMlSubgraph({ db, log, jobs, cron, data: given ?? data, sources });
    await jobs.start();
    return { jobs, ml };
  };
  let current = await open();
  return {
    db,
    data,
    get ml() {
      return current.ml;
    },
    get jobs() {
      return current.jobs;
    },
    async restart() {
      await current.jobs.stop();
      current = await open();
      return current.ml;
    },
    async train(caller, input) {
      const { training } = current.ml.services;
      const { id } = await training.submit(caller, {
        name: 'house price',
        taskType: 'regression',
        targetColumn: 'price',
        ...housesInput,
        ...input,
      });
      const job = await ended(current.ml, caller, id);
      if (job.status !== 'completed') throw new Error(`${job.status}: ${job.error}`);
      return { modelId: job.model_id!, version: job.version!, jobId: id };
    },
    async [Symbol.asyncDispose]() {
      await current.jobs.stop();
      await log.close();
      await db.close();
    },
  };
}

export const housesInput = { dataset: { sourceId: 'src', query: 'houses' }, featureColumns: ['size', 'age', 'town'] };

/** The job once it has ended, however it did. */
export const ended = (ml: MlSubgraph, caller: Caller, id: string) =>
  until(
    async () => {
      const job = await ml.services.training.find(caller, id);
      return job.ended_at ? job : null;
    },
    { withinMs: 150_000, everyMs: 25 },
  );
