import type { Caller } from '#platform/auth';
import { json, newId, type Database } from '#platform/db';
import { AppError, errors, toPublicError, readInput } from '#platform/errors';
import type { Job, JobContext, JobQueue } from '#platform/jobs';

import { note, type JobStore, type StoredJob } from '../../store/job.store';
import type { MlTables } from '../../store/rows';
import { chooseAlgorithm } from '../algorithms/catalogue';
import type { Frame } from '../data/frame';
import { ownerOf } from '../owner';
import { policy } from '../policy';
import type { TrainingData } from '../ports';
import type { References } from '../training/references';
import { checkRequest, planOn, readDataset, type Dataset } from '../training/request';
import { trainInThread } from '../training/run-in-worker';
import type { TrainingService } from '../training/training.service';

import { metricOf, scoreOf, tuneRules, type TuneRequest } from './rules';
import { bestOf, nextTrial, plannedTrials, type NextTrial, type Trial } from './schedule';
import { searchRows } from './search-rows';

export const tuneQueue = 'ml.tune';

interface Searched {
  readonly request: TuneRequest;
  readonly dataset: Dataset;
  readonly frame: Frame;
}

/** Searches hyperparameters: trials one after the other in a durable job, so that a restart goes on with the trials that are known. */
export class TuningService {
  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly jobs: JobQueue;
      readonly store: JobStore;
      readonly data: TrainingData;
      readonly training: TrainingService;
      readonly references: References;
    },
  ) {}

  async submit(caller: Caller, input: unknown): Promise<StoredJob> {
    policy.require(caller, 'model:train');
    const request = readInput(tuneRules, input);
    checkRequest(request);
    metricOf(request);
    if (request.strategy === 'halving' && request.taskType === 'forecasting')
      throw errors.INVALID_REQUEST(
        { what: 'strategy', hint: 'halving begins with few rows and a forecast needs all; use bayesian' },
        { field: 'strategy' },
      );
    // Names, and both ends of every range, are judged now rather than by trials that all fail.
    for (const end of [0, -1]) {
      const ends = Object.entries(request.space).map(([name, each]) => [
        name,
        'values' in each ? each.values.at(end) : end ? each.max : each.min,
      ]);
      inSpace(request.space, () =>
        chooseAlgorithm(request.algorithm, request.taskType, { ...request.hyperparameters, ...Object.fromEntries(ends) }),
      );
    }
    await this.parts.references.check(caller, request);
    const { tenantId } = caller;
    const id = newId('sweep');
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const queued = await this.parts.jobs.enqueue(tx, { queue: tuneQueue, tenantId, payload: { jobId: id }, maxAttempts: 3 });
      return this.parts.store.insert(tx, newRow(caller, request, { id, kind: 'tune', queueJobId: queued }));
    });
  }

  async find(caller: Caller, id: string): Promise<StoredJob> {
    policy.require(caller, 'model:read');
    const job = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.find(tx, caller.tenantId, id));
    if (job?.kind !== 'tune') throw errors.NOT_FOUND({ kind: 'sweep' });
    return job;
  }

  /** Ends a search and what it has begun. Idempotent. */
  async cancel(caller: Caller, id: string): Promise<StoredJob> {
    policy.require(caller, 'model:train');
    const sweep = await this.find(caller, id);
    if (sweep.queue_job_id) await this.parts.jobs.cancel(caller.tenantId, sweep.queue_job_id);
    await this.set(sweep, { status: 'cancelled', progress: 1, ended_at: new Date() });
    for (const job of await this.parts.training.trials(caller, id)) if (!job.ended_at) await this.parts.training.cancel(caller, job.id);
    return this.find(caller, id);
  }

  /** Takes sweeps from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(tuneQueue, (job, context) => this.run(job, context), {
      leaseMs: 60_000,
      onFailed: async ({ tenantId, payload }, error) => {
        const { jobId } = payload as { jobId: string };
        const failed = { status: 'failed', progress: 1, ended_at: new Date(), error: toPublicError(error).message };
        await this.set({ tenant_id: tenantId, id: jobId }, failed);
      },
    });
  }

  private async run({ tenantId, payload }: Job, { signal, progress }: JobContext): Promise<void> {
    const { jobId } = payload as { jobId: string };
    const row = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.find(tx, tenantId, jobId));
    if (!row || row.ended_at) return;
    if (!(await this.set(row, { status: 'running', started_at: row.started_at ?? new Date() }))) return;
    try {
      const best = await this.search(row, { signal, progress });
      const trained = await this.trainBest(row, best);
      const result = json({ best, trainingJobId: trained.id });
      await this.set(row, { status: 'completed', progress: 1, ended_at: new Date(), metrics: json(best.metrics), result });
    } catch (error) {
      if (signal.aborted) throw error;
      // The data will not be better at another try; an outage may be over.
      if (!(error instanceof AppError) || error.entry.blame === 'upstream') throw error;
      await this.set(row, { status: 'failed', progress: 1, ended_at: new Date(), error: toPublicError(error).message });
    }
  }

  /** The model with the best trial's hyperparameters, on all rows. Begun already where a process died before it could say so. */
  private async trainBest(row: StoredJob, best: Trial): Promise<StoredJob> {
    const caller = row.owner as Caller;
    const known = (await this.parts.training.trials(caller, row.id)).find(({ kind }) => kind === 'train');
    if (known) return known;
    const {
      strategy: _strategy,
      space: _space,
      maxTrials: _max,
      patience: _patience,
      metric: _metric,
      ...request
    } = row.request as TuneRequest;
    const hyperparameters = { ...request.hyperparameters, ...best.hyperparameters };
    return this.parts.training.submit(caller, { ...request, hyperparameters }, { sweepId: row.id });
  }

  private async search(row: StoredJob, { signal, progress }: JobContext): Promise<Trial> {
    const request = row.request as TuneRequest;
    const trials = [...(row.log as Trial[])];
    await this.endLost(row);
    const planned = plannedTrials(request);
    let searched: Searched | undefined;
    for (let next = nextTrial(request, trials); next; next = nextTrial(request, trials)) {
      signal.throwIfAborted();
      searched ??= await this.open(row, signal);
      trials.push(await this.trial(row, { number: trials.length, next, searched, signal }));
      await this.set(row, { log: json(trials), progress: trials.length / planned });
      await progress(trials.length / planned);
    }
    const best = bestOf(trials);
    if (!best) throw errors.QUERY_FAILED({ reason: `no trial could be trained: ${trials[0]?.error ?? 'unknown reason'}` });
    return best;
  }

  /** Read once for all trials: a source that changes meanwhile would make them incomparable. */
  private async open(row: StoredJob, signal: AbortSignal): Promise<Searched> {
    const caller = row.owner as Caller;
    const request = await this.parts.references.resolve(caller, row.request as TuneRequest);
    const dataset = await readDataset(caller, request, { data: this.parts.data, signal });
    return { request, dataset, frame: searchRows(dataset.frame, planOn(dataset, request)) };
  }

  private async trial(
    row: StoredJob,
    { number, next, searched, signal }: { number: number; next: NextTrial; searched: Searched; signal: AbortSignal },
  ): Promise<Trial> {
    const request = row.request as TuneRequest;
    const hyperparameters = { ...request.hyperparameters, ...next.point };
    const job = newRow(row.owner as Caller, { ...request, hyperparameters }, { id: newId('train'), kind: 'trial', queueJobId: null });
    await this.parts.db.inTenant(row.tenant_id, (tx) =>
      this.parts.store.insert(tx, { ...job, sweep_id: row.id, status: 'running', started_at: new Date() }),
    );
    const about = { number, jobId: job.id, hyperparameters: next.point, share: next.share };
    const stop = new AbortController();
    try {
      const plan = { ...planOn(searched.dataset, { ...searched.request, hyperparameters }), share: next.share };
      const { evaluation } = await trainInThread(searched.frame, plan, {
        signal: AbortSignal.any([signal, stop.signal]),
        onProgress: (progress) => void this.noteProgress(job, progress, stop),
      });
      const { metrics } = evaluation;
      await this.endTrial(job, { status: 'completed', metrics: json(metrics) });
      return { ...about, score: scoreOf(metricOf(request), metrics[metricOf(request)]!), metrics, error: null };
    } catch (error) {
      const message = stop.signal.aborted ? 'it was cancelled' : toPublicError(error).message;
      await this.endTrial(job, { status: signal.aborted ? 'cancelled' : 'failed', error: message });
      if (signal.aborted) throw error;
      return { ...about, score: null, metrics: {}, error: message };
    }
  }

  /** A trial that was under way when its process ended is tried again under a name of its own; what is left of it says so. */
  private async endLost(row: StoredJob): Promise<void> {
    const lost = (await this.parts.training.trials(row.owner as Caller, row.id)).filter((job) => job.kind === 'trial' && !job.ended_at);
    for (const job of lost) await this.endTrial(job, { status: 'cancelled', error: 'its process ended; the search tried it again' });
  }

  private endTrial(
    { tenant_id: tenantId, id }: { tenant_id: string; id: string },
    change: Parameters<JobStore['update']>[2],
  ): Promise<unknown> {
    return this.parts.db.inTenant(tenantId, async (tx) => {
      await this.parts.store.addNotes(tx, { tenantId, id }, [note([change.status, change.error].filter(Boolean).join(': '))]);
      return this.parts.store.update(tx, { tenantId, id }, { ...change, progress: 1, ended_at: new Date() });
    });
  }

  /** A trial that was cancelled by itself ends; the search goes on with the next. */
  private async noteProgress(job: { tenant_id: string; id: string }, progress: number, stop: AbortController): Promise<void> {
    const open = await this.set(job, { progress }).catch(() => job);
    if (!open) stop.abort();
  }

  private async set(
    { tenant_id: tenantId, id }: { tenant_id: string; id: string },
    change: Parameters<JobStore['update']>[2],
  ): Promise<StoredJob | null> {
    return this.parts.db.inTenant(tenantId, (tx) => this.parts.store.update(tx, { tenantId, id }, change));
  }
}

/** What is wrong with a hyperparameter that is searched is wrong in the space. */
function inSpace(space: TuneRequest['space'], check: () => unknown): void {
  try {
    check();
  } catch (error) {
    const name =
      error instanceof AppError && error.field?.startsWith('hyperparameters.') ? error.field.slice('hyperparameters.'.length) : '';
    if (!(error instanceof AppError) || !Object.hasOwn(space, name)) throw error;
    throw new AppError(error.code, error.message.replace('hyperparameters.', 'space.'), { ...error.options, field: `space.${name}` });
  }
}

function newRow(
  owner: Caller,
  request: TuneRequest,
  { id, kind, queueJobId }: { id: string; kind: 'tune' | 'trial'; queueJobId: string | null },
) {
  return {
    tenant_id: owner.tenantId,
    id,
    model_name: request.name,
    kind,
    sweep_id: null,
    request: json(request),
    owner: json(ownerOf(owner)),
    status: 'submitted',
    // Of a search these are its trials.
    log: json(kind === 'trial' ? [note('begun as a trial of a search')] : []),
    result: json(null),
    metrics: json(null),
    error: null,
    model_id: null,
    version: null,
    queue_job_id: queueJobId,
    started_at: null,
    ended_at: null,
  };
}
