import type { Caller } from '#platform/auth';
import { json, newId, type Database, type Tx } from '#platform/db';
import { AppError, errors, toPublicError, readInput } from '#platform/errors';
import { replayedAs, type EventLog } from '#platform/events';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';
import type { Job, JobContext, JobQueue } from '#platform/jobs';

import { note, type JobStore, type StoredJob } from '../../store/job.store';
import type { StoredVersion } from '../../store/registry.store';
import type { MlTables } from '../../store/rows';
import { chooseAlgorithm } from '../algorithms/catalogue';
import { jobTopic, mlEvents } from '../events';
import { ownerOf } from '../owner';
import { policy } from '../policy';
import type { TrainingData } from '../ports';
import type { NewVersion, RegistryService } from '../registry.service';

import { estimateSeconds, usualSeconds } from './estimate';
import type { TrainingPlan } from './plan';
import type { References } from './references';
import { checkRequest, planOn, readDataset, trainRules, type TrainRequest } from './request';
import { trainInThread } from './run-in-worker';

export const trainQueue = 'ml.train';
/** In the log; the job has them all. */
const maxWarnings = 20;

export interface TrainingParts {
  readonly db: Database<MlTables>;
  readonly jobs: JobQueue;
  readonly store: JobStore;
  readonly data: TrainingData;
  readonly registry: RegistryService;
  readonly references: References;
  readonly log: EventLog;
}

class JobEnded extends Error {
  override readonly name = 'JobEnded';
}

/** Trains models as durable jobs: a job whose process dies is trained again from the same request, by whoever takes it. */
export class TrainingService {
  constructor(private readonly parts: TrainingParts) {}

  async submit(caller: Caller, input: unknown, trial?: { readonly sweepId: string }): Promise<StoredJob> {
    policy.require(caller, 'model:train');
    const request = readInput(trainRules, input);
    checkRequest(request);
    chooseAlgorithm(request.algorithm, request.taskType, request.hyperparameters ?? {});
    await this.parts.references.check(caller, request);
    const { tenantId } = caller;
    const id = newId('train');
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const queued = await this.parts.jobs.enqueue(tx, { queue: trainQueue, tenantId, payload: { jobId: id }, maxAttempts: 3 });
      const last = await this.parts.store.lastSeconds(tx, tenantId, { name: request.name, algorithm: request.algorithm ?? null });
      return this.parts.store.insert(tx, {
        tenant_id: tenantId,
        id,
        model_name: request.name,
        kind: 'train',
        sweep_id: trial?.sweepId ?? null,
        request: json(request),
        owner: json(ownerOf(caller)),
        status: 'submitted',
        log: json([note('submitted')]),
        estimated_seconds: usualSeconds(last),
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
    if (!job) throw errors.NOT_FOUND({ kind: 'training job' });
    return job;
  }

  async list(caller: Caller, args: PageArgs): Promise<Connection<StoredJob>> {
    policy.require(caller, 'model:read');
    const scope = `ml_jobs:${caller.tenantId}`;
    const page = readPage(args, scope);
    const items = await this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.store.list(tx, caller.tenantId, { kind: 'train', page }),
    );
    return toConnection({ items, page, scope, keyOf: ({ created_at, id }) => [created_at.toISOString(), id] });
  }

  trials(caller: Caller, sweepId: string): Promise<StoredJob[]> {
    policy.require(caller, 'model:read');
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.bySweep(tx, caller.tenantId, sweepId));
  }

  async cancel(caller: Caller, id: string): Promise<StoredJob> {
    policy.require(caller, 'model:train');
    const job = await this.find(caller, id);
    if (job.ended_at) return job;
    if (job.queue_job_id) await this.parts.jobs.cancel(caller.tenantId, job.queue_job_id);
    await this.end(caller.tenantId, id, { status: 'cancelled' });
    return this.find(caller, id);
  }

  /** Progress of a job: what is kept, then live, until it ends. */
  async *follow(
    caller: Caller,
    { jobId, signal }: { jobId: string; signal: AbortSignal },
  ): AsyncGenerator<{ jobId: string; sequence: number; progress: number; status: string }> {
    policy.require(caller, 'model:read');
    const job = await this.find(caller, jobId);
    if (job.ended_at) return yield { jobId, sequence: 0, progress: job.progress, status: job.status };
    for await (const event of this.parts.log.follow(jobTopic(caller.tenantId, jobId), 0, { signal })) {
      yield replayedAs(event, { jobId, sequence: event.sequence, ...(event.data as { progress: number; status: string }) });
      if (event.type === mlEvents.ended) return;
    }
  }

  /** Takes jobs from the queue; before the queue starts. */
  work(): void {
    this.parts.jobs.work(trainQueue, (job, context) => this.run(job, context), {
      leaseMs: 60_000,
      onFailed: async (job, error) =>
        this.end(job.tenantId, (job.payload as { jobId: string }).jobId, { status: 'failed', error: toPublicError(error).message }),
    });
  }

  private async run({ tenantId, payload, attempt }: Job, { signal, progress }: JobContext): Promise<void> {
    const { jobId } = payload as { jobId: string };
    const row = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.find(tx, tenantId, jobId));
    if (!row || row.ended_at) return;
    if (!(await this.set(tenantId, jobId, { status: 'running', started_at: row.started_at ?? new Date() }))) return;
    await this.say(row, attempt > 1 ? `begun again, try ${attempt}: the one before did not end` : 'begun');
    try {
      await this.train(row, { signal, progress });
    } catch (error) {
      if (signal.aborted) throw error;
      // The data will not be better at another try; an outage may be over.
      const isFinal = error instanceof AppError && error.entry.blame !== 'upstream';
      if (!isFinal) throw error;
      await this.end(tenantId, jobId, { status: 'failed', error: toPublicError(error).message });
    }
  }

  private async train(row: StoredJob, { signal, progress }: JobContext): Promise<void> {
    const caller = row.owner as Caller;
    const request = await this.parts.references.resolve(caller, row.request as TrainRequest);
    const read = await readDataset(caller, request, { data: this.parts.data, signal });
    const { frame, lineage } = read;
    await this.say(row, `read ${lineage.rowCount} rows of ${frame.names.length} columns by query ${lineage.queryId}`);
    const plan = planOn(read, request);
    await this.announce(row, plan, frame.rowCount);
    let last = 0;
    const trained = await trainInThread(frame, plan, {
      signal,
      onProgress: (fraction) => {
        if (fraction - last < 0.05 && fraction < 1) return;
        const quarter = Math.floor(fraction * 4);
        if (quarter > Math.floor(last * 4) && quarter < 4) void this.say(row, `${quarter * 25} % done`).catch(() => undefined);
        last = fraction;
        void progress(fraction).catch(() => undefined);
        void this.tell(row, { progress: fraction, status: 'running' });
      },
    });
    const { model, evaluation, importance, gainImportance, baseline, rows } = trained;
    const done: NewVersion = {
      name: row.model_name,
      task: plan.task,
      algorithm: plan.algorithm,
      document: model,
      metrics: evaluation.metrics,
      details: {
        intervals: evaluation.intervals,
        ...evaluation.details,
        importance,
        gainImportance,
        rows,
        columns: plan.report,
        warnings: plan.warnings,
      },
      lineage: {
        ...lineage,
        jobId: row.id,
        hyperparameters: plan.hyperparameters,
        split: plan.split,
        features: plan.features,
        target: plan.target,
      },
      baseline,
      jobId: row.id,
      experimentId: request.experimentId ?? null,
    };
    const finish = async (tx: Tx<MlTables>, version: StoredVersion): Promise<void> => {
      const key = { tenantId: row.tenant_id, id: row.id };
      await this.parts.store.addNotes(tx, key, [note(`completed: ${row.model_name} version ${version.version}`)]);
      const ended = await this.parts.store.update(tx, key, {
        status: 'completed',
        progress: 1,
        ended_at: new Date(),
        metrics: json(evaluation.metrics),
        result: json({ importance, warnings: plan.warnings, rows }),
        model_id: version.model_id,
        version: version.version,
      }); // prettier-ignore
      // Cancelled meanwhile, or done by whoever took the job over: then there is no second version.
      if (!ended) throw new JobEnded();
    };
    try {
      await this.parts.registry.register(caller, done, finish);
    } catch (error) {
      if (error instanceof JobEnded) return;
      throw error;
    }
    await this.tell(row, { progress: 1, status: 'completed' }, mlEvents.ended);
  }

  private async end(tenantId: string, id: string, change: Parameters<JobStore['update']>[2]): Promise<void> {
    const row = await this.parts.db.inTenant(tenantId, async (tx) => {
      const key = { tenantId, id };
      await this.parts.store.addNotes(tx, key, [note([change.status, change.error].filter(Boolean).join(': '))]);
      return this.parts.store.update(tx, key, { ...change, progress: 1, ended_at: new Date() });
    });
    if (row) await this.tell(row, { progress: 1, status: row.status }, mlEvents.ended);
  }

  /** What is to be done, how long it may take, and what to look at. */
  private async announce(row: StoredJob, plan: TrainingPlan, rows: number): Promise<void> {
    const columns = plan.features.length;
    const seconds = estimateSeconds({ ...plan, rows, columns, classes: plan.classes?.length ?? 0 }) ?? row.estimated_seconds;
    await this.set(row.tenant_id, row.id, { estimated_seconds: seconds });
    const on = plan.task === 'forecasting' ? `a series of ${rows} points` : `${columns} features of ${rows} rows`;
    const more = plan.warnings.length - maxWarnings;
    await this.say(
      row,
      `training ${plan.algorithm} on ${on}`,
      ...plan.warnings.slice(0, maxWarnings).map((warning) => `warning: ${warning}`),
      ...(more > 0 ? [`and ${more} more warnings`] : []),
    );
  }

  private say({ tenant_id: tenantId, id }: StoredJob, ...messages: readonly string[]): Promise<void> {
    return this.parts.db.inTenant(tenantId, (tx) => this.parts.store.addNotes(tx, { tenantId, id }, messages.map(note)));
  }

  private set(tenantId: string, id: string, change: Parameters<JobStore['update']>[2]): Promise<StoredJob | null> {
    return this.parts.db.inTenant(tenantId, (tx) => this.parts.store.update(tx, { tenantId, id }, change));
  }

  private async tell(
    { tenant_id: tenantId, id }: StoredJob,
    data: { progress: number; status: string },
    type: string = mlEvents.progress,
  ): Promise<void> {
    // Watching is a convenience: the job's row holds the outcome.
    await this.parts.log.append(jobTopic(tenantId, id), [{ type, data }]).catch(() => undefined);
  }
}
