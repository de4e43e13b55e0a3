import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { Rest, type RequestContext } from '#platform/graphql';

import {
  BatchPredictInput,
  BatchPrediction,
  DeployModelInput,
  MlModel,
  PredictInput,
  PredictionResult,
  ServedVersion,
} from '../schema/model.type';
import type { RegistryService } from '../service/registry.service';
import type { Served, ServingService } from '../service/serving/serving.service';

import { toModel } from './present';

const tags = ['Predictions'];

const toResult = (served: readonly Served[]): PredictionResult => {
  const [first] = served as [Served];
  return {
    prediction: first.prediction,
    probability: first.probability,
    modelId: first.modelId,
    modelVersion: first.modelVersion,
    latencyMs: first.latencyMs,
    explanation: first.contributions ? { bias: first.bias, contributions: first.contributions } : null,
    predictions: served.map(({ prediction, probability, probabilities }) => ({ prediction, probability, probabilities })),
  };
};

@Resolver()
export class ServingResolver {
  constructor(
    private readonly serving: ServingService,
    private readonly registry: RegistryService,
  ) {}

  @Rest({ method: 'POST', path: '/ml/predict', tags })
  @Rest({ method: 'POST', path: '/ml/serving/:model_id/predict', tags })
  @Mutation(() => PredictionResult, { description: 'Predicts from features.' })
  async predict(@Arg('input', () => PredictInput) input: PredictInput, @Ctx() { caller }: RequestContext): Promise<PredictionResult> {
    return toResult(await this.serving.predict(caller, input));
  }

  @Rest({ method: 'POST', path: '/ml/batch-predict', tags })
  @Mutation(() => BatchPrediction, { description: 'Predicts for the rows of a query.' })
  batchPredict(
    @Arg('input', () => BatchPredictInput) input: BatchPredictInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<BatchPrediction> {
    return this.serving.batch(caller, input, signal);
  }

  @Rest({ method: 'POST', path: '/ml/serving/deploy', tags, depth: 2 })
  @Mutation(() => MlModel, { description: 'Sets how requests are spread over versions.' })
  async deployModel(@Arg('input', () => DeployModelInput) input: DeployModelInput, @Ctx() { caller }: RequestContext): Promise<MlModel> {
    const { id } = await this.serving.deploy(caller, input);
    return toModel(await this.registry.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/ml/serving/:model_id/comparison', tags })
  @Query(() => [ServedVersion], { description: 'How the versions of a deployment compare on what they were asked.' })
  servedVersions(
    @Arg('modelId', () => ID, { description: 'The model.' }) modelId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<ServedVersion[]> {
    return this.serving.comparison(caller, modelId);
  }
}
