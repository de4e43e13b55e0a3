import { Directive, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { DeploymentStrategy, MlTaskType, ModelStage } from './enums';

@ObjectType({ description: 'One version of a model.' })
export class MlModelVersion {
  @Field(() => Int, { description: 'Number, from 1.' })
  version!: number;

  @Field(() => ModelStage, { description: 'How far it is.' })
  stage!: string;

  @Field(() => ModelStage, { nullable: true, description: 'A stage that was asked for and waits for approval.' })
  requestedStage!: string | null;

  @Field(() => String, { description: 'The algorithm.' })
  algorithm!: string;

  @Field(() => Json, { description: 'Measures on the rows held back.' })
  metrics!: unknown;

  @Field(() => Json, { description: 'Confidence intervals, confusion, importance, columns; of one version also curves and residuals.' })
  details!: unknown;

  @Field(() => Json, { description: 'What it came from: query, data version and hash, hyperparameters, split.' })
  lineage!: unknown;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A model with its versions.' })
export class MlModel {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => MlTaskType, { description: 'What it does.' })
  taskType!: string;

  @Field(() => [String], { description: 'Tags.' })
  tags!: string[];

  @Field(() => Json, { description: 'Names for versions, such as `champion`.' })
  aliases!: unknown;

  @Field(() => Json, {
    nullable: true,
    description: 'How requests are spread over versions; null: the version in production, else the latest.',
  })
  deployment!: unknown;

  @Field(() => [MlModelVersion], { description: 'Versions, newest first.' })
  versions!: MlModelVersion[];

  @Field(() => Int, { nullable: true, description: 'The newest version.' })
  latestVersion!: number | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const MlModelConnection = connectionType(MlModel, 'MlModel');

@InputType({ description: 'A stage for a version.' })
export class SetModelStageInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => Int, { description: 'The version.' })
  version!: number;

  @Field(() => ModelStage, { description: 'The stage. PRODUCTION waits until an administrator other than who asked does the same.' })
  stage!: string;
}

@InputType({ description: 'Tags and aliases of a model.' })
export class EditModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => [String], { nullable: true, description: 'Tags.' })
  tags?: string[];

  @Field(() => Json, { nullable: true, description: 'Alias → version.' })
  aliases?: unknown;
}

@InputType({ description: 'A model in ONNX form.' })
export class ImportModelInput {
  @Field(() => String, { description: 'Name of the model.' })
  name!: string;

  @Field(() => MlTaskType, { description: 'What it does.' })
  taskType!: string;

  @Field(() => String, { description: 'The file, base64.' })
  contentBase64!: string;

  @Field(() => [String], { description: 'Its features, in the order of its input.' })
  features!: string[];

  @Field(() => [String], { nullable: true, description: 'Names of its classes, by number.' })
  classes?: string[];
}

@InputType({ description: 'How requests are spread over versions.' })
export class DeployModelInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => DeploymentStrategy, { description: 'DIRECT, CANARY, SHADOW or AB_TEST.' })
  strategy!: string;

  @Field(() => Int, { description: 'The version that answers.' })
  version!: number;

  @Field(() => Int, { nullable: true, description: 'The version beside it.' })
  candidateVersion?: number;

  @Field(() => Float, { nullable: true, description: 'Share of requests for the candidate. Default 0.1; AB_TEST 0.5.' })
  trafficShare?: number;

  @Field(() => Int, {
    nullable: true,
    description: 'How long a request may wait to be scored with others, milliseconds, 0 to 50. Default 0: only while the model is busy.',
  })
  batchWindowMs?: number;
}

@InputType({ description: 'Features to predict from.' })
export class PredictInput {
  @Field(() => ID, { description: 'The model, by id or name.' })
  modelId!: string;

  @Field(() => Int, { nullable: true, description: 'The version. Default: by deployment.' })
  version?: number;

  @Field(() => String, { nullable: true, description: 'An alias, such as `champion`.' })
  alias?: string;

  @Field(() => Json, { description: 'One object of features, or a list of them.' })
  features!: unknown;

  @Field(() => String, { nullable: true, description: 'Keeps a user or device on one side of a test.' })
  stickyKey?: string;
}

@ObjectType({ description: 'A prediction. With a list of features, `predictions` has all of them and the rest is of the first.' })
export class PredictionResult {
  @Field(() => Json, { nullable: true, description: 'A number, a class, a cluster, or the points of a forecast.' })
  prediction!: unknown;

  @Field(() => Float, { nullable: true, description: 'Of the class predicted; null for numbers.' })
  probability!: number | null;

  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => String, { description: 'The version that answered.' })
  modelVersion!: string;

  @Field(() => Float, { description: 'Time it took, milliseconds.' })
  latencyMs!: number;

  @Field(() => Json, { nullable: true, description: 'What each feature adds to the score, and the bias; they sum to it.' })
  explanation!: unknown;

  @Field(() => Json, { description: 'All predictions: prediction, probability, probabilities.' })
  predictions!: unknown;
}

@InputType({ description: 'A query whose rows are predicted.' })
export class BatchPredictInput {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => Int, { nullable: true, description: 'The version. Default: by deployment.' })
  version?: number;

  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => String, { description: 'A read-only statement.' })
  query!: string;

  @Field(() => Int, { nullable: true, description: 'Rows at most; 1 to 100,000. Default 10,000.' })
  maxRows?: number;
}

@ObjectType({ description: 'A table with predictions.' })
export class BatchPrediction {
  @Field(() => [String], { description: 'Columns of the query, then prediction and probability.' })
  columns!: string[];

  @Field(() => Json, { description: 'Rows.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Number of rows.' })
  rowCount!: number;

  @Field(() => String, { description: 'The version that answered.' })
  modelVersion!: string;

  @Field(() => Boolean, { description: 'True where the query has more rows.' })
  truncated!: boolean;
}

@ObjectType({ description: 'How a version did on what it was asked.' })
export class ServedVersion {
  @Field(() => Int, { description: 'The version.' })
  version!: number;

  @Field(() => String, { description: 'primary, candidate, shadow, latest or named.' })
  role!: string;

  @Field(() => Int, { description: 'Predictions remembered.' })
  requests!: number;

  @Field(() => Int, { description: 'Of them, those that it could not make.' })
  failures!: number;

  @Field(() => Float, { description: 'Mean time, milliseconds.' })
  meanLatencyMs!: number;

  @Field(() => Float, { description: '95 of 100 took no longer, milliseconds.' })
  p95LatencyMs!: number;

  @Field(() => Float, { nullable: true, description: 'Mean prediction; null for classes.' })
  meanPrediction!: number | null;

  @Field(() => Json, { nullable: true, description: 'Shares of the classes predicted; null for numbers.' })
  classShares!: unknown;
}

@ObjectType({ description: 'How a feature differs from training.' })
export class FeatureDriftType {
  @Field(() => String, { description: 'The feature.' })
  feature!: string;

  @Field(() => Float, { description: 'Population stability index: under 0.1 steady, over 0.25 shifted.' })
  psi!: number;

  @Field(() => Float, { nullable: true, description: 'Kolmogorov–Smirnov distance; null for categories.' })
  ks!: number | null;

  @Field(() => Float, { nullable: true, description: 'Chi-squared statistic; null for numbers.' })
  chiSquared!: number | null;

  @Field(() => String, { description: 'steady, moving, shifted, or too_few while there are under 50 values.' })
  level!: string;
}

@ObjectType({ description: 'How what a model is asked differs from what it learned from.' })
export class ModelDrift {
  @Field(() => ID, { description: 'The model.' })
  modelId!: string;

  @Field(() => Int, { description: 'The version.' })
  version!: number;

  @Field(() => Int, { description: 'Requests compared.' })
  requests!: number;

  @Field(() => [FeatureDriftType], { description: 'Features.' })
  features!: FeatureDriftType[];
}

@ObjectType({ description: 'A file, base64. REST clients get its bytes.' })
@Directive('@shareable')
export class BinaryFile {
  @Field(() => String, { description: 'Media type.' })
  contentType!: string;

  @Field(() => String, { description: 'File name.' })
  filename!: string;

  @Field(() => String, { description: 'Content.' })
  base64!: string;
}
