import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { errors, toPublicError } from '#platform/errors';
import type { Job, JobContext, JobQueue } from '#platform/jobs';

import type { JobStore, StoredJob } from '../../store/job.store';
import type { MlTables } from '../../store/rows';
import { chooseAlgorithm } from '../algorithms/catalogue';
import { seeded } from '../data/random';
import { policy } from '../policy';
import type { TrainingData } from '../ports';
import { readInput } from '../read-input';
import { prepareTraining, trainRules } from '../training/request';
import { trainInThread } from '../training/run-in-worker';
import type { TrainingService } from '../training/training.service';

import { bayesian, grid, randomPoint, type Observed, type Point, type Space } from './suggest';

export const tuneQueue = 'ml.tune';

const entry = z.union([
  z.object({
    values: z
      .array(z.union([z.number(), z.string()]))
      .min(1)
      .max(50),
  }),
  z
    .object({ min: z.number(), max: z.number(), integer: z.boolean().optional(), log: z.boolean().optional() })
    .refine(({ min, max, log }) => max > min && (!log || min > 0), 'max must exceed min, and min be above 0 with log'),
]);
const tuneRules = trainRules.extend({
  strategy: z.enum(['grid', 'random', 'bayesian']).nullish(),
  space: z.record(z.string(), entry).refine((space) => Object.keys(space).length > 0, 'name at least one hyperparameter'),
  maxTrials: z.number().int().min(1, 'it must be 1 to 200').max(200, 'it must be 1 to 200').nullish(),
  /** Trials without a better one after which the search ends. */
  patience: z.number().int().min(1).max(200).nullish(),
});
type TuneRequest = z.infer<typeof tuneRules>;

export interface Trial {
  readonly number: number;
  readonly hyperparameters: Point;
  readonly score: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly error: string | null;
}

const mainMetric = {
  classification: 'f1_score',
  regression: 'rmse',
  clustering: 'silhouette',
  forecasting: 'rmse',
  anomaly: 'anomaly_rate',
} as const;
const lessIsBetter = new Set(['rmse']);

/** Searches hyperparameters: trials one after the other in a durable job, so that a restart goes on with the trials that are known. */
export class TuningService {
  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly jobs: JobQueue;
      readonly store: JobStore;
      readonly data: TrainingData;
      readonly training: TrainingService;
    },
  ) {}

  async submit(caller: Caller, input: unknown): Promise<StoredJob> {
    policy.require(caller, 'model:train');
    const request = readInput(tuneRules, input);
    if (!request.dataset) throw errors.INVALID_REQUEST({ what: 'dataset', hint: 'a search needs one' }, { field: 'dataset' });
    // Names, and the near end of every range, are judged now rather than by trials that all fail.
    const nearEnds = Object.entries(request.space).map(([name, each]) => [name, 'values' in each ? each.values[0] : each.min] as const);
    chooseAlgorithm(request.algorithm, request.taskType, { ...request.hyperparameters, ...Object.fromEntries(nearEnds) });
    const { tenantId, userId, roles, tier, attributes } = caller;
    const id = newId('sweep');
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const queued = await this.parts.jobs.enqueue(tx, { queue: tuneQueue, tenantId, payload: { jobId: id }, maxAttempts: 3 });
      return this.parts.store.insert(tx, {
        tenant_id: tenantId,
        id,
        model_name: request.name,
        kind: 'tune',
        sweep_id: null,
        request: json(request),
        owner: json({ tenantId, userId, roles, tier, attributes }),
        status: 'submitted',
        log: json([]),
        result: json(null),
        metrics: json(null),
        error: null,
        model_id: null,
        version: null,
        queue_job_id: queued,
        started_at: null,
        ended_at: null,
      });
    });
  }

  async find(caller: Caller, id: string): Promise<StoredJob> {
    policy.require(caller, 'model:read');
    const job = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.find(tx, caller.tenantId, id));
    if (job?.kind !== 'tune') throw errors.NOT_FOUND({ kind: 'sweep' });
    return job;
  }

  /** Takes sweeps from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(tuneQueue, (job, context) => this.run(job, context), { leaseMs: 60_000 });
  }

  private async run({ tenantId, payload }: Job, { signal, progress }: JobContext): Promise<void> {
    const { jobId } = payload as { jobId: string };
    const row = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.find(tx, tenantId, jobId));
    if (!row || row.ended_at) return;
    if (!(await this.set(row, { status: 'running', started_at: row.started_at ?? new Date() }))) return;
    try {
      const best = await this.search(row, { signal, progress });
      const caller = row.owner as Caller;
      const { strategy: _strategy, space: _space, maxTrials: _max, patience: _patience, ...request } = row.request as TuneRequest;
      // Only where a process did not die between the two writes below.
      const [known] = await this.parts.training.trials(caller, jobId);
      const trained =
        known ??
        (await this.parts.training.submit(
          caller,
          { ...request, hyperparameters: { ...request.hyperparameters, ...best.hyperparameters } },
          { sweepId: jobId },
        ));
      await this.set(row, {
        status: 'completed',
        progress: 1,
        ended_at: new Date(),
        metrics: json(best.metrics),
        result: json({ best, trainingJobId: trained.id }),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      await this.set(row, { status: 'failed', progress: 1, ended_at: new Date(), error: toPublicError(error).message });
    }
  }

  private async search(row: StoredJob, { signal, progress }: JobContext): Promise<Trial> {
    const request = row.request as TuneRequest;
    const trials = [...(row.log as Trial[])];
    const maxTrials = request.maxTrials ?? 20;
    const planned = planAhead(request, maxTrials);
    for (let number = trials.length; number < (planned?.length ?? maxTrials); number += 1) {
      signal.throwIfAborted();
      const seen = trials.flatMap(({ hyperparameters, score }): Observed[] => (score === null ? [] : [{ point: hyperparameters, score }]));
      const point = planned?.[number] ?? bayesian(request.space as Space, seen, request.split?.randomState ?? 42);
      trials.push(await this.trial(row, { number, point, signal }));
      await this.set(row, { log: json(trials) });
      await progress((number + 1) / (planned?.length ?? maxTrials));
      if (request.patience && stalled(trials, request.patience)) break;
    }
    const scored = trials.filter(({ score }) => score !== null).sort((a, b) => b.score! - a.score!);
    if (!scored[0]) throw errors.QUERY_FAILED({ reason: `no trial could be trained: ${trials[0]?.error ?? 'unknown reason'}` });
    return scored[0];
  }

  private async trial(row: StoredJob, { number, point, signal }: { number: number; point: Point; signal: AbortSignal }): Promise<Trial> {
    const request = row.request as TuneRequest;
    try {
      const hyperparameters = { ...request.hyperparameters, ...point };
      const { frame, plan } = await prepareTraining(
        row.owner as Caller,
        { ...request, dataset: request.dataset!, hyperparameters },
        { data: this.parts.data, signal },
      );
      const { evaluation } = await trainInThread(frame, plan, { signal });
      const name = mainMetric[request.taskType];
      const value = evaluation.metrics[name]!;
      return { number, hyperparameters: point, score: lessIsBetter.has(name) ? -value : value, metrics: evaluation.metrics, error: null };
    } catch (error) {
      if (signal.aborted) throw error;
      return { number, hyperparameters: point, score: null, metrics: {}, error: toPublicError(error).message };
    }
  }

  private async set({ tenant_id: tenantId, id }: StoredJob, change: Parameters<JobStore['update']>[2]): Promise<StoredJob | null> {
    return this.parts.db.inTenant(tenantId, (tx) => this.parts.store.update(tx, { tenantId, id }, change));
  }
}

/** The points of searches that do not learn from what they find; null for those that do. */
function planAhead({ strategy, space, split }: TuneRequest, maxTrials: number): Point[] | null {
  if (strategy === 'grid') return grid(space as Space, maxTrials);
  if (strategy === 'random') {
    const random = seeded(split?.randomState ?? 42);
    return Array.from({ length: maxTrials }, () => randomPoint(space as Space, random));
  }
  return null;
}

const stalled = (trials: readonly Trial[], patience: number): boolean => {
  const best = trials.reduce(
    (found, { score }, place) => (score !== null && score > (trials[found]?.score ?? -Infinity) ? place : found),
    0,
  );
  return trials.length - 1 - best >= patience;
};
