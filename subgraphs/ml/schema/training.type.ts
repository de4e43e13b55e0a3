import { Directive, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { MlJobStatus, MlTaskType, SplitStrategy, TuningStrategy } from './enums';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A source; the sql domain knows the rest.' })
export class Source {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType({ description: 'A query; the sql domain knows the rest.' })
export class SqlQuery {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;
}

@InputType({ description: 'Rows to learn from.' })
export class TrainingDatasetInput {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => String, { description: 'A read-only statement; its rows are the dataset.' })
  query!: string;
}

@InputType({ description: 'How rows to measure on are held back.' })
export class TrainingSplitInput {
  @Field(() => SplitStrategy, { nullable: true, description: 'Default STRATIFIED for classification, else RANDOM.' })
  strategy?: string;

  @Field(() => Float, { nullable: true, description: 'Share held back; 0.01 to 0.9. Default 0.2.' })
  testSize?: number;

  @Field(() => Int, { nullable: true, description: 'Seed; the same one gives the same model. Default 42.' })
  randomState?: number;

  @Field(() => String, { nullable: true, description: 'Column of time, for TIME and for forecasting.' })
  timeColumn?: string;

  @Field(() => String, { nullable: true, description: 'Column of groups, for GROUP.' })
  groupColumn?: string;
}

@InputType({ description: 'A model to train.' })
export class TrainModelInput {
  @Field(() => String, { description: 'Name of the model; training again under it makes its next version.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'gradient_boosting, random_forest, xgboost, linear_regression, ridge, lasso, logistic_regression, kmeans, isolation_forest, exponential_smoothing or arima. Default by task.',
  })
  algorithm?: string;

  @Field(() => MlTaskType, { description: 'What it is to do.' })
  taskType!: string;

  @Field(() => TrainingDatasetInput, { nullable: true, description: 'Rows to learn from; or `featureSet`.' })
  dataset?: TrainingDatasetInput;

  @Field(() => ID, { nullable: true, description: 'A feature set to learn from.' })
  featureSet?: string;

  @Field(() => String, { nullable: true, description: 'The column to predict.' })
  targetColumn?: string;

  @Field(() => [String], { nullable: true, description: 'Columns to learn from. Default: all others.' })
  featureColumns?: string[];

  @Field(() => Json, { nullable: true, description: 'Hyperparameters by name, such as n_estimators, max_depth, learning_rate.' })
  hyperparameters?: unknown;

  @Field(() => TrainingSplitInput, { nullable: true, description: 'How rows to measure on are held back.' })
  split?: TrainingSplitInput;

  @Field(() => ID, { nullable: true, description: 'An experiment to record the run in.' })
  experimentId?: string;
}

@InputType({ description: 'Hyperparameters to search.' })
export class TuneModelInput extends TrainModelInput {
  @Field(() => TuningStrategy, { nullable: true, description: 'Default BAYESIAN.' })
  strategy?: string;

  @Field(() => Json, { description: 'By hyperparameter: `{values: []}` or `{min, max, integer?, log?}`.' })
  space!: unknown;

  @Field(() => String, {
    nullable: true,
    description:
      'What the best is by. Default auc_roc of classes, rmse of numbers, silhouette of clusters; also f1_score, accuracy, precision, recall, log_loss, mae, r2.',
  })
  metric?: string;

  @Field(() => Int, { nullable: true, description: 'Trials at most, with HALVING those of the first round; 1 to 200. Default 20.' })
  maxTrials?: number;

  @Field(() => Int, { nullable: true, description: 'Ends after so many trials without a better one.' })
  patience?: number;
}

@InputType({ description: 'A job that is meant.' })
export class TrainingJobIdInput {
  @Field(() => ID, { description: 'The job.' })
  jobId!: string;
}

@InputType({ description: 'A search that is meant.' })
export class TuningSweepIdInput {
  @Field(() => ID, { description: 'The search.' })
  sweepId!: string;
}

@ObjectType({ description: 'A line of the log of a training.' })
export class TrainingLogEntry {
  @Field(() => Date, { description: 'When.' })
  time!: Date;

  @Field(() => String, { description: 'What happened.' })
  message!: string;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A model being trained.' })
export class TrainingJob {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  jobId!: string;

  @Field(() => MlJobStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => String, { description: 'Name of the model.' })
  modelName!: string;

  @Field(() => Float, { description: 'Fraction done, 0 to 1.' })
  progress!: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'How long it may take in all, minutes: by the last trainings of the model, then by rows, columns and trees; null where unknown or ended.',
  })
  estimatedDurationMinutes!: number | null;

  @Field(() => Json, {
    nullable: true,
    description: 'Measures on the rows held back: accuracy, precision, recall, f1_score, auc_roc or rmse, mae, r2, …',
  })
  metrics!: unknown;

  @Field(() => Json, { nullable: true, description: 'How much worse the model gets without each feature, most first.' })
  featureImportance!: unknown;

  @Field(() => [String], { description: 'What to look at, such as a feature that equals the target.' })
  warnings!: string[];

  @Field(() => ID, { nullable: true, description: 'The model that it made.' })
  modelId!: string | null;

  @Field(() => Int, { nullable: true, description: 'The version that it made.' })
  modelVersion!: number | null;

  @Field(() => String, { nullable: true, description: 'Model and version that it made.' })
  modelArtifactId!: string | null;

  @Field(() => [TrainingLogEntry], { description: 'What happened so far, in order.' })
  log!: TrainingLogEntry[];

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  error!: string | null;

  @Field(() => Float, { nullable: true, description: 'How long it took, seconds.' })
  durationSeconds!: number | null;

  @Field(() => Date, { description: 'When it was submitted.' })
  createdAt!: Date;
}

export const TrainingJobConnection = connectionType(TrainingJob, 'TrainingJob');

@ObjectType({ description: 'Progress of a training.' })
export class TrainingProgressEvent {
  @Field(() => ID, { description: 'The job.' })
  jobId!: string;

  @Field(() => Int, { description: 'Sequence in the log of this job.' })
  sequence!: number;

  @Field(() => Float, { description: 'Fraction done, 0 to 1.' })
  progress!: number;

  @Field(() => MlJobStatus, { description: 'Where it stands.' })
  status!: string;
}

@ObjectType({ description: 'A search for hyperparameters.' })
export class TuningSweep {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The same as `id`, under the name that REST clients use.' })
  sweepId!: string;

  @Field(() => MlJobStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => Float, { description: 'Fraction done, 0 to 1.' })
  progress!: number;

  @Field(() => String, { description: 'What the best is by.' })
  metric!: string;

  @Field(() => Json, {
    description: 'Trials so far: hyperparameters, share of the rows, score (larger is better), metrics on rows of their own.',
  })
  trials!: unknown;

  @Field(() => Json, { nullable: true, description: 'The best trial.' })
  best!: unknown;

  @Field(() => ID, { nullable: true, description: 'The training of the model with the best hyperparameters, on all rows.' })
  trainingJobId!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  error!: string | null;

  @Field(() => Date, { description: 'When it was submitted.' })
  createdAt!: Date;
}
