import path from 'node:path';

import type { RequestHandler } from 'express';

import type { Caller } from '#platform/auth';
import type { Database, Log, MigrationFolder } from '#platform/db';
import type { EventLog } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { Cron, JobQueue } from '#platform/jobs';

import { FeatureResolver } from './resolvers/feature.resolver';
import { inferenceProtocol } from './resolvers/inference-protocol';
import { modelLoader, ModelResolver } from './resolvers/model.resolver';
import { toFeatureSet, toJob, toModel } from './resolvers/present';
import { ServingResolver } from './resolvers/serving.resolver';
import { createTrainingProgressSubscription } from './resolvers/training-progress.subscription';
import { TrainingResolver } from './resolvers/training.resolver';
import { Source, SqlQuery } from './schema/training.type';
import { DriftService } from './service/drift.service';
import { ExperimentService } from './service/experiment.service';
import { FeatureService } from './service/features/feature.service';
import { FeatureScheduleService } from './service/features/feature-schedule.service';
import type { TrainingData, TrainingSources } from './service/ports';
import { RegistryService } from './service/registry.service';
import { ModelDirectory } from './service/serving/model-directory';
import { PredictionLog } from './service/serving/prediction-log';
import { ServingService } from './service/serving/serving.service';
import { References } from './service/training/references';
import { TrainingService } from './service/training/training.service';
import { TuningService } from './service/tuning/tuning.service';
import { createDatabaseOnlineStore } from './store/database-online-store';
import { ExperimentStore } from './store/experiment.store';
import { FeatureStore } from './store/feature.store';
import { JobStore } from './store/job.store';
import { createRedisOnlineStore } from './store/redis-online-store';
import { RegistryStore } from './store/registry.store';
import type { MlTables } from './store/rows';

export type { TrainingData, TrainingRows, TrainingSources } from './service/ports';

export const mlMigrations: MigrationFolder = { name: 'ml', directory: path.join(__dirname, 'store', 'migrations') };

export interface MlDependencies {
  readonly db: Database;
  readonly log: EventLog;
  readonly jobs: JobQueue;
  readonly cron: Cron;
  readonly data: TrainingData;
  readonly sources: TrainingSources;
  /** Features are answered from here where it is given, else from the database. */
  readonly redisUrl?: string;
  readonly logger?: Log;
}

export interface MlSubgraph extends BuiltSubgraph {
  readonly services: {
    readonly training: TrainingService;
    readonly tuning: TuningService;
    readonly registry: RegistryService;
    readonly serving: ServingService;
    readonly features: FeatureService;
    readonly schedules: FeatureScheduleService;
    readonly experiments: ExperimentService;
    readonly drift: DriftService;
  };
  /** Stores what was predicted and is not written yet, and lets go of Redis. */
  stop(): Promise<void>;
  /** Open Inference Protocol v2, below `/v2`. */
  inference(authenticate: (token: string | undefined) => Promise<Caller>): RequestHandler;
}

/** The ml domain: training, tuning, the registry, serving, features, drift, experiments. */
export function createMlSubgraph({ db: anyDb, log, jobs, cron, data, sources, redisUrl, logger }: MlDependencies): MlSubgraph {
  const db = anyDb.withTables<MlTables>();
  const [jobStore, registryStore, featureStore, experimentStore] = [
    new JobStore(),
    new RegistryStore(),
    new FeatureStore(),
    new ExperimentStore(),
  ];
  const online = redisUrl
    ? createRedisOnlineStore({ url: redisUrl, ...(logger ? { logger } : {}) })
    : createDatabaseOnlineStore({ db, store: featureStore });
  const directory = new ModelDirectory({ db, store: registryStore });
  const predictions = new PredictionLog({ db, store: registryStore });
  const registry = new RegistryService({ db, store: registryStore, experiments: experimentStore, directory });
  const features = new FeatureService({ db, store: featureStore, data, online });
  const schedules = new FeatureScheduleService({ db, store: featureStore, features, cron, jobs });
  const experiments = new ExperimentService({ db, store: experimentStore });
  const references = new References({ sources, features, experiments });
  const training = new TrainingService({ db, jobs, store: jobStore, data, registry, references, log });
  const tuning = new TuningService({ db, jobs, store: jobStore, data, training, references });
  const serving = new ServingService({ db, store: registryStore, data, directory, log: predictions });
  const drift = new DriftService({ db, store: registryStore, log: predictions });
  training.work();
  tuning.work();
  schedules.work();

  const Progress = createTrainingProgressSubscription(training);
  const built = buildSubgraph({
    name: 'ml',
    resolvers: [TrainingResolver, ModelResolver, ServingResolver, FeatureResolver, Progress],
    instances: [
      new TrainingResolver(training, tuning),
      new ModelResolver(registry, drift),
      new ServingResolver(serving, registry),
      new FeatureResolver(features, schedules, experiments),
      new Progress(),
    ],
    orphanedTypes: [Source, SqlQuery],
    references: {
      MlModel: async ({ id }, context) => {
        const model = await modelLoader(registry, context).load(id);
        return model ? toModel(model) : null;
      },
      TrainingJob: async ({ id }, { caller }) => toJob(await training.find(caller, id)),
      FeatureSet: async ({ id }, { caller }) => toFeatureSet(await features.find(caller, id)),
      Experiment: async ({ id }, { caller }) => {
        const { created_at: createdAt, ...experiment } = await experiments.find(caller, id);
        return { ...experiment, createdAt };
      },
    },
  });
  return {
    ...built,
    services: { training, tuning, registry, serving, features, schedules, experiments, drift },
    async stop() {
      await predictions.flush().catch(() => undefined);
      online.close();
    },
    inference: (authenticate) => inferenceProtocol(serving, authenticate),
  };
}
