import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database, type Tx } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox } from '#platform/events';

import type { ExperimentStore } from '../store/experiment.store';
import type { RegistryStore, StoredModel, StoredVersion } from '../store/registry.store';
import type { MlTables } from '../store/rows';

import { taskTypes } from './algorithms/catalogue';
import type { ModelDocument } from './algorithms/model-document';
import { toOnnxFile } from './algorithms/onnx-export';
import { onnxDocument } from './algorithms/onnx-runtime';
import { mlEvents } from './events';
import { policy } from './policy';
import { reportOf } from './report';
import type { ModelDirectory } from './serving/model-directory';

export const stages = ['none', 'staging', 'production', 'archived'] as const;
export type Stage = (typeof stages)[number];

export interface NewVersion {
  readonly name: string;
  readonly task: string;
  readonly algorithm: string;
  readonly document: ModelDocument;
  readonly metrics: Readonly<Record<string, number>>;
  readonly details: unknown;
  readonly lineage: unknown;
  readonly baseline: unknown;
  readonly jobId: string | null;
  readonly experimentId: string | null;
}

export type VersionView = Omit<StoredVersion, 'document'>;

export interface ModelView extends StoredModel {
  readonly versions: readonly VersionView[];
}

const importRules = z.object({
  name: z.string().trim().min(1).max(200),
  taskType: z.enum(taskTypes),
  contentBase64: z.string().min(1),
  features: z.array(z.string().min(1)).min(1).max(2_000),
  classes: z.array(z.string()).max(1_000).nullish(),
});
const stageRules = z.object({ modelId: z.string(), version: z.number().int(), stage: z.enum(stages) });
const editRules = z.object({
  modelId: z.string(),
  tags: z.array(z.string().min(1).max(60)).max(30).nullish(),
  aliases: z.record(z.string().regex(/^[\w-]{1,60}$/), z.number().int()).nullish(),
});

/** Versions of models, their stages, and what each came from. */
export class RegistryService {
  constructor(
    private readonly parts: {
      readonly db: Database<MlTables>;
      readonly store: RegistryStore;
      readonly experiments: ExperimentStore;
      readonly directory: ModelDirectory;
    },
  ) {}

  /**
   * Stores a trained model as the next version of its name. Internal: whoever trained it had the permission. What `finish` writes is of
   * the same transaction; where it throws, there is no version.
   */
  async register(
    caller: Caller,
    version: NewVersion,
    finish?: (tx: Tx<MlTables>, stored: StoredVersion) => Promise<void>,
  ): Promise<StoredVersion> {
    const { tenantId, userId } = caller;
    const registered = await this.parts.db.inTenant(tenantId, async (tx) => {
      const model = await this.parts.store.modelNamed(tx, {
        tenant_id: tenantId,
        id: newId('mdl'),
        name: version.name,
        task: version.task,
        tags: [],
        aliases: json({}),
        deployment: json(null),
        created_by: userId,
      });
      const stored = await this.parts.store.insertVersion(tx, {
        tenant_id: tenantId,
        model_id: model.id,
        requested_stage: null,
        requested_by: null,
        algorithm: version.algorithm,
        document: json(version.document),
        metrics: json(version.metrics),
        details: json(version.details),
        lineage: json(version.lineage),
        baseline: json(version.baseline),
        job_id: version.jobId,
        created_by: userId,
      });
      if (version.experimentId && (await this.parts.experiments.find(tx, tenantId, version.experimentId))) {
        await this.parts.experiments.insertRun(tx, {
          tenant_id: tenantId,
          id: newId('run'),
          experiment_id: version.experimentId,
          name: `${version.name} v${stored.version}`,
          parameters: json({ algorithm: version.algorithm, ...((version.lineage as { hyperparameters?: object }).hyperparameters ?? {}) }),
          metrics: json(version.metrics),
          intervals: json((version.details as { intervals?: object }).intervals ?? {}),
          tags: json({}),
          artifacts: json([{ kind: 'model', model_id: model.id, version: stored.version }]),
          created_by: userId,
        });
      }
      await appendToOutbox(tx, {
        tenantId,
        topic: `model:${model.id}`,
        type: mlEvents.modelRegistered,
        data: { modelId: model.id, version: stored.version },
      });
      await finish?.(tx, stored);
      return stored;
    });
    this.parts.directory.forget(tenantId);
    return registered;
  }

  async list(caller: Caller): Promise<ModelView[]> {
    policy.require(caller, 'model:read');
    const { tenantId } = caller;
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const models = await this.parts.store.models(tx, tenantId);
      const versions =
        models.length > 0
          ? await this.parts.store.versions(
              tx,
              tenantId,
              models.map(({ id }) => id),
            )
          : [];
      return models.map((model) => ({ ...model, versions: versions.filter(({ model_id }) => model_id === model.id) }));
    });
  }

  async find(caller: Caller, id: string): Promise<ModelView> {
    policy.require(caller, 'model:read');
    const { tenantId } = caller;
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const model = await this.parts.store.model(tx, tenantId, id);
      if (!model) throw errors.NOT_FOUND({ kind: 'model' });
      return { ...model, versions: await this.parts.store.versions(tx, tenantId, [model.id]) };
    });
  }

  /** In the order of the ids, null where there is none. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(ModelView | null)[]> {
    policy.require(caller, 'model:read');
    const { tenantId } = caller;
    const [models, versions] = await this.parts.db.inTenant(
      tenantId,
      async (tx) => [await this.parts.store.modelsByIds(tx, tenantId, ids), await this.parts.store.versions(tx, tenantId, ids)] as const,
    );
    const byId = new Map(
      models.map((model) => [model.id, { ...model, versions: versions.filter(({ model_id }) => model_id === model.id) }]),
    );
    return ids.map((id) => byId.get(id) ?? null);
  }

  async version(caller: Caller, modelId: string, version: number): Promise<StoredVersion> {
    policy.require(caller, 'model:read');
    const { tenantId } = caller;
    const found = await this.parts.db.inTenant(tenantId, async (tx) => {
      const model = await this.parts.store.model(tx, tenantId, modelId);
      return model && this.parts.store.version(tx, { tenantId, modelId: model.id, version });
    });
    if (!found) throw errors.NOT_FOUND({ kind: 'model version' });
    return found;
  }

  /** Moves a version to a stage. Production takes two people: an editor asks, an administrator other than them approves by doing the same. */
  async setStage(caller: Caller, input: unknown): Promise<StoredVersion> {
    policy.require(caller, 'model:manage');
    const { modelId, version, stage } = readInput(stageRules, input);
    const current = await this.version(caller, modelId, version);
    const key = { tenantId: caller.tenantId, modelId: current.model_id, version };
    const approves =
      stage === 'production' &&
      current.requested_stage === 'production' &&
      current.requested_by !== caller.userId &&
      policy.may(caller, 'model:approve');
    const moved = await this.parts.db.inTenant(caller.tenantId, async (tx) => {
      if (stage === 'production' && !approves)
        return (await this.parts.store.updateVersion(tx, key, { requested_stage: stage, requested_by: caller.userId }))!;
      if (stage === 'production') await this.parts.store.archiveProduction(tx, key);
      return (await this.parts.store.updateVersion(tx, key, { stage, requested_stage: null, requested_by: null }))!;
    });
    this.parts.directory.forget(caller.tenantId);
    return moved;
  }

  async edit(caller: Caller, input: unknown): Promise<ModelView> {
    policy.require(caller, 'model:manage');
    const { modelId, tags, aliases } = readInput(editRules, input);
    const model = await this.find(caller, modelId);
    const missing = Object.values(aliases ?? {}).find((number) => !model.versions.some(({ version }) => version === number));
    if (missing !== undefined) throw errors.NOT_FOUND({ kind: 'model version' }, { field: 'aliases' });
    const change = { ...(tags ? { tags } : {}), ...(aliases ? { aliases: json(aliases) } : {}) };
    if (Object.keys(change).length > 0)
      await this.parts.db.inTenant(caller.tenantId, (tx) =>
        this.parts.store.updateModel(tx, { tenantId: caller.tenantId, id: model.id }, change),
      );
    this.parts.directory.forget(caller.tenantId);
    return this.find(caller, model.id);
  }

  /** What was measured, as a Vega-Lite document. */
  async report(caller: Caller, modelId: string, version: number): Promise<object> {
    policy.require(caller, 'model:read');
    const [{ name, task }, found] = [await this.find(caller, modelId), await this.version(caller, modelId, version)];
    return reportOf(name, { task, version, algorithm: found.algorithm, details: found.details });
  }

  /** What was imported comes back as it was. */
  async exportOnnx(caller: Caller, modelId: string, version: number): Promise<{ filename: string; content: Buffer }> {
    policy.require(caller, 'model:read');
    const { document, model_id: id } = await this.version(caller, modelId, version);
    return { filename: `${id}-v${version}.onnx`, content: toOnnxFile(document as ModelDocument) };
  }

  /** Takes in a model that another library trained. It is opened first, so a damaged file is refused. */
  async importOnnx(caller: Caller, input: unknown): Promise<StoredVersion> {
    policy.require(caller, 'model:train');
    const { name, taskType, contentBase64, features, classes } = readInput(importRules, input);
    const document = await onnxDocument(contentBase64, { task: taskType, features, classes: classes ?? null });
    return this.register(caller, {
      name,
      task: taskType,
      algorithm: 'onnx',
      document,
      metrics: {},
      details: {},
      lineage: { imported: true, features },
      baseline: {},
      jobId: null,
      experimentId: null,
    });
  }
}
