import type { FeatureSet } from '../schema/feature.type';
import type { MlModel, MlModelVersion } from '../schema/model.type';
import type { TrainingJob, TuningSweep } from '../schema/training.type';
import { isOlder } from '../service/features/feature.service';
import { nextFill } from '../service/features/feature-schedule.service';
import type { ModelView, VersionView } from '../service/registry.service';
import { metricOf, type TuneRequest } from '../service/tuning/rules';
import type { Trial } from '../service/tuning/schedule';
import type { FeatureSetView, JobNote, JobView } from '../service/views';

export const toJob = (job: JobView): TrainingJob => {
  const result = (job.result ?? {}) as { importance?: unknown; warnings?: string[] };
  return {
    id: job.id,
    jobId: job.id,
    status: job.status,
    modelName: job.model_name,
    progress: job.progress,
    estimatedDurationMinutes: job.ended_at || job.estimated_seconds === null ? null : Number((job.estimated_seconds / 60).toPrecision(2)),
    metrics: job.metrics,
    featureImportance: result.importance ?? null,
    warnings: result.warnings ?? [],
    modelId: job.model_id,
    modelVersion: job.version,
    modelArtifactId: job.model_id ? `${job.model_id}/v${job.version}` : null,
    // The log of a search is its trials, which it shows itself.
    log: job.kind === 'tune' ? [] : (job.log as JobNote[]).map(({ time, message }) => ({ time: new Date(time), message })),
    error: job.error,
    durationSeconds: job.started_at && job.ended_at ? (job.ended_at.getTime() - job.started_at.getTime()) / 1_000 : null,
    createdAt: job.created_at,
  };
};

/** Names in JSON values are the same to clients of GraphQL and REST; only those on top are ours. */
const inSnakeCase = (value: unknown): unknown =>
  value === null || typeof value !== 'object'
    ? value
    : Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), inner]),
      );

const ofLineage = (lineage: unknown): unknown => inSnakeCase({ ...(lineage as object), ...('split' in (lineage as object) ? { split: inSnakeCase((lineage as { split: unknown }).split) } : {}) }); // prettier-ignore

export const toSweep = (job: JobView): TuningSweep => {
  const { best, trainingJobId } = (job.result ?? {}) as { best?: Trial; trainingJobId?: string };
  return {
    id: job.id,
    sweepId: job.id,
    status: job.status,
    progress: job.progress,
    metric: metricOf(job.request as TuneRequest),
    trials: (job.log as Trial[]).map(inSnakeCase),
    best: best ? inSnakeCase(best) : null,
    trainingJobId: trainingJobId ?? null,
    error: job.error,
    createdAt: job.created_at,
  };
};

export const toVersion = (row: VersionView): MlModelVersion => ({
  version: row.version,
  stage: row.stage,
  requestedStage: row.requested_stage,
  algorithm: row.algorithm,
  metrics: row.metrics,
  details: inSnakeCase(row.details),
  lineage: ofLineage(row.lineage),
  createdAt: row.created_at,
});

/** Points of curves are hundreds: in lists they are left out, one version and its report have them. */
const withoutCurves = (version: MlModelVersion): MlModelVersion => {
  const {
    roc: _roc,
    precision_recall: _pr,
    calibration: _calibration,
    residuals: _residuals,
    ...details
  } = version.details as Record<string, unknown>;
  return { ...version, details };
};

export const toModel = (model: ModelView): MlModel => ({
  id: model.id,
  name: model.name,
  taskType: model.task,
  tags: model.tags,
  aliases: model.aliases,
  deployment: inSnakeCase(model.deployment),
  versions: model.versions.map((version) => withoutCurves(toVersion(version))),
  latestVersion: model.versions[0]?.version ?? null,
  createdAt: model.created_at,
});

export const toFeatureSet = (set: FeatureSetView): FeatureSet => ({
  id: set.id,
  name: set.name,
  sourceId: set.source_id,
  definition: inSnakeCase(set.definition),
  materialisedAt: set.materialised_at,
  latestEventAt: set.latest_event_at,
  entityCount: set.entity_count,
  schedule: nextFill(set, new Date()),
  problem: set.materialise_error,
  isStale: set.latest_event_at === null || isOlder(set.latest_event_at, (set.definition as { ttlSeconds: number | null }).ttlSeconds),
  createdAt: set.created_at,
});
