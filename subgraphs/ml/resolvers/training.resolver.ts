import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import {
  Source,
  TrainingJob,
  TrainingJobConnection,
  TrainingJobIdInput,
  TrainModelInput,
  TuneModelInput,
  TuningSweep,
  TuningSweepIdInput,
} from '../schema/training.type';
import type { TrainingService } from '../service/training/training.service';
import type { TuningService } from '../service/tuning/tuning.service';

import { toJob, toSweep } from './present';

const tags = ['Training'];

@Resolver(() => TrainingJob)
export class TrainingResolver {
  constructor(
    private readonly training: TrainingService,
    private readonly tuning: TuningService,
  ) {}

  @Rest({ method: 'POST', path: '/ml/train', status: 202, tags })
  @Mutation(() => TrainingJob, { description: 'Trains a model, in the background.' })
  async trainModel(@Arg('input', () => TrainModelInput) input: TrainModelInput, @Ctx() { caller }: RequestContext): Promise<TrainingJob> {
    return toJob(await this.training.submit(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/train/:job_id', tags, depth: 2 })
  @Query(() => TrainingJob, { nullable: true, description: 'One training.' })
  async trainingJob(
    @Arg('jobId', () => ID, { description: 'The job.' }) jobId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<TrainingJob> {
    return toJob(await this.training.find(caller, jobId));
  }

  @Rest({ method: 'GET', path: '/ml/train', tags, depth: 2 })
  @Query(() => TrainingJobConnection, { description: 'Trainings of the tenant, newest first.' })
  async trainingJobs(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<TrainingJob>> {
    const found = await this.training.list(caller, page);
    return { ...found, nodes: found.nodes.map(toJob), edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toJob(node) })) };
  }

  @Rest({ method: 'DELETE', path: '/ml/train/:job_id', tags, depth: 1 })
  @Mutation(() => TrainingJob, { description: 'Cancels a training, at any moment. Idempotent.' })
  async cancelTraining(
    @Arg('input', () => TrainingJobIdInput) { jobId }: TrainingJobIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<TrainingJob> {
    return toJob(await this.training.cancel(caller, jobId));
  }

  @Rest({ method: 'POST', path: '/ml/tune', status: 202, tags })
  @Mutation(() => TuningSweep, { description: 'Searches hyperparameters, then trains the model with the best.' })
  async tuneModel(@Arg('input', () => TuneModelInput) input: TuneModelInput, @Ctx() { caller }: RequestContext): Promise<TuningSweep> {
    return toSweep(await this.tuning.submit(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/tune/:sweep_id', tags })
  @Query(() => TuningSweep, { nullable: true, description: 'One search with its trials.' })
  async tuningSweep(
    @Arg('sweepId', () => ID, { description: 'The search.' }) sweepId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<TuningSweep> {
    return toSweep(await this.tuning.find(caller, sweepId));
  }

  @Rest({ method: 'DELETE', path: '/ml/tune/:sweep_id', tags })
  @Mutation(() => TuningSweep, { description: 'Cancels a search and what it has begun. Idempotent.' })
  async cancelTuning(
    @Arg('input', () => TuningSweepIdInput) { sweepId }: TuningSweepIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<TuningSweep> {
    return toSweep(await this.tuning.cancel(caller, sweepId));
  }

  @FieldResolver(() => Source, { nullable: true, description: 'The source of its dataset; null for a feature set.' })
  async source(@Root() { id }: TrainingJob, @Ctx() { caller }: RequestContext): Promise<Source | null> {
    const { request } = await this.training.find(caller, id);
    const sourceId = (request as { dataset?: { sourceId: string } | null }).dataset?.sourceId;
    return sourceId ? Object.assign(new Source(), { id: sourceId }) : null;
  }
}
