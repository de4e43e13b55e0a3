import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { isUniqueViolation, json, newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { ExperimentStore, StoredExperiment, StoredExperimentRun } from '../store/experiment.store';
import type { MlTables } from '../store/rows';

import { compareRuns, type ExperimentComparison } from './experiment-comparison';
import { policy } from './policy';

const createRules = z.object({ name: z.string().trim().min(1).max(200), description: z.string().max(5_000).nullish() });
const runRules = z.object({
  experimentId: z.string(),
  name: z.string().trim().min(1).max(200).nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  metrics: z.record(z.string(), z.number()).nullish(),
  intervals: z
    .record(
      z.string(),
      z.object({ low: z.number(), high: z.number() }).refine(({ low, high }) => low <= high, 'low must not exceed high'),
    )
    .nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  artifacts: z.array(z.record(z.string(), z.unknown())).max(100).nullish(),
});

const compareRules = z.object({
  experimentId: z.string(),
  runIds: z.array(z.string()).min(2, 'name two runs or more').max(50).nullish(),
});
/** Runs compared where none are named. */
const newest = 20;

/** What was tried, with which parameters and what came of it. */
export class ExperimentService {
  constructor(private readonly parts: { readonly db: Database<MlTables>; readonly store: ExperimentStore }) {}

  async create(caller: Caller, input: unknown): Promise<StoredExperiment> {
    policy.require(caller, 'model:train');
    const { name, description } = readInput(createRules, input);
    try {
      return await this.parts.db.inTenant(caller.tenantId, (tx) =>
        this.parts.store.insert(tx, {
          tenant_id: caller.tenantId,
          id: newId('exp'),
          name,
          description: description ?? null,
          created_by: caller.userId,
        }),
      );
    } catch (error) {
      if (isUniqueViolation(error)) throw errors.CONFLICT({ what: `An experiment is named ${name} already`, hint: 'choose another name' });
      throw error;
    }
  }

  list(caller: Caller): Promise<StoredExperiment[]> {
    policy.require(caller, 'model:read');
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId));
  }

  async find(caller: Caller, id: string): Promise<StoredExperiment> {
    policy.require(caller, 'model:read');
    const found = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.find(tx, caller.tenantId, id));
    if (!found) throw errors.NOT_FOUND({ kind: 'experiment' });
    return found;
  }

  async record(caller: Caller, input: unknown): Promise<StoredExperimentRun> {
    policy.require(caller, 'model:train');
    const { experimentId, name, parameters, metrics, intervals, tags, artifacts } = readInput(runRules, input);
    await this.find(caller, experimentId);
    const id = newId('run');
    return this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.store.insertRun(tx, {
        tenant_id: caller.tenantId,
        id,
        experiment_id: experimentId,
        name: name ?? id,
        parameters: json(parameters ?? {}),
        metrics: json(metrics ?? {}),
        intervals: json(intervals ?? {}),
        tags: json(tags ?? {}),
        artifacts: json(artifacts ?? []),
        created_by: caller.userId,
      }),
    );
  }

  async runs(caller: Caller, experimentId: string): Promise<StoredExperimentRun[]> {
    policy.require(caller, 'model:read');
    await this.find(caller, experimentId);
    return this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.runs(tx, caller.tenantId, experimentId));
  }

  /** Runs side by side, in the order named; the newest where none are. */
  async compare(caller: Caller, input: unknown): Promise<ExperimentComparison> {
    policy.require(caller, 'model:read');
    const { experimentId, runIds } = readInput(compareRules, input);
    const { name } = await this.find(caller, experimentId);
    const runs = await this.runs(caller, experimentId);
    if (!runIds) return compareRuns(name, runs.slice(0, newest));
    const byId = new Map(runs.map((run) => [run.id, run]));
    const missing = runIds.find((id) => !byId.has(id));
    if (missing !== undefined) throw errors.NOT_FOUND({ kind: `run ${missing} of this experiment` }, { field: 'run_ids' });
    return compareRuns(
      name,
      [...new Set(runIds)].map((id) => byId.get(id)!),
    );
  }
}
