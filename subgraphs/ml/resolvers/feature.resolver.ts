import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { Rest, type RequestContext } from '#platform/graphql';

import { ExperimentComparison } from '../schema/experiment-comparison.type';
import {
  CreateExperimentInput,
  CreateFeatureSetInput,
  Experiment,
  ExperimentRun,
  FeatureSet,
  FeatureSetIdInput,
  OfflineFeatures,
  OfflineFeaturesInput,
  OnlineFeatures,
  OnlineFeaturesInput,
  RecordRunInput,
  ScheduleFeatureSetInput,
} from '../schema/feature.type';
import type { ExperimentService } from '../service/experiment.service';
import type { FeatureService } from '../service/features/feature.service';
import type { FeatureScheduleService } from '../service/features/feature-schedule.service';

import { toFeatureSet } from './present';

const tags = ['Features'];
const experimentTags = ['Experiments'];

const dated = <Row extends { created_at: Date }>({ created_at: createdAt, ...row }: Row) => ({ ...row, createdAt });

@Resolver(() => FeatureSet)
export class FeatureResolver {
  constructor(
    private readonly features: FeatureService,
    private readonly schedules: FeatureScheduleService,
    private readonly experimentService: ExperimentService,
  ) {}

  @Rest({ method: 'POST', path: '/ml/features/sets', status: 201, tags })
  @Mutation(() => FeatureSet, { description: 'Defines features as SQL.' })
  async createFeatureSet(
    @Arg('input', () => CreateFeatureSetInput) input: CreateFeatureSetInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<FeatureSet> {
    return toFeatureSet(await this.features.create(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/features/sets', tags })
  @Query(() => [FeatureSet], { description: 'Feature sets of the tenant, newest first.' })
  async featureSets(@Ctx() { caller }: RequestContext): Promise<FeatureSet[]> {
    return (await this.features.list(caller)).map(toFeatureSet);
  }

  @Rest({ method: 'GET', path: '/ml/features/sets/:id', tags })
  @Query(() => FeatureSet, { nullable: true, description: 'One feature set.' })
  async featureSet(
    @Arg('id', () => ID, { description: 'The feature set.' }) id: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<FeatureSet> {
    return toFeatureSet(await this.features.find(caller, id));
  }

  @Rest({ method: 'POST', path: '/ml/features/offline', tags })
  @Mutation(() => OfflineFeatures, { description: 'Joins features to labels as they were known at each label’s time.' })
  async offlineFeatures(
    @Arg('input', () => OfflineFeaturesInput) input: OfflineFeaturesInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<OfflineFeatures> {
    const { columns, rows, sql } = await this.features.offline(caller, input, signal);
    return { columns: columns.map(({ name }) => name), rows, rowCount: rows.length, sql };
  }

  @Rest({ method: 'POST', path: '/ml/features/online', tags })
  @Mutation(() => [OnlineFeatures], { description: 'Features of entities as last materialised.' })
  onlineFeatures(
    @Arg('input', () => OnlineFeaturesInput) input: OnlineFeaturesInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<OnlineFeatures[]> {
    return this.features.online(caller, input);
  }

  @Rest({ method: 'POST', path: '/ml/features/sets/:feature_set_id/materialise', tags })
  @Mutation(() => FeatureSet, { description: 'Fills the online store with the latest features.' })
  async materialiseFeatures(
    @Arg('input', () => FeatureSetIdInput) { featureSetId }: FeatureSetIdInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<FeatureSet> {
    return toFeatureSet(await this.features.materialise(caller, featureSetId, signal));
  }

  @Rest({ method: 'POST', path: '/ml/features/sets/:feature_set_id/schedule', tags })
  @Mutation(() => FeatureSet, { description: 'Fills the online store at set times from now on. Replaces the schedule that there was.' })
  async scheduleFeatureSet(
    @Arg('input', () => ScheduleFeatureSetInput) input: ScheduleFeatureSetInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<FeatureSet> {
    return toFeatureSet(await this.schedules.set(caller, input));
  }

  @Rest({ method: 'DELETE', path: '/ml/features/sets/:feature_set_id/schedule', tags })
  @Mutation(() => FeatureSet, { description: 'Ends the schedule of a feature set; its features stay. Idempotent.' })
  async unscheduleFeatureSet(
    @Arg('input', () => FeatureSetIdInput) { featureSetId }: FeatureSetIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<FeatureSet> {
    return toFeatureSet(await this.schedules.remove(caller, featureSetId));
  }

  @Rest({ method: 'POST', path: '/ml/experiments', status: 201, tags: experimentTags })
  @Mutation(() => Experiment, { description: 'Begins an experiment.' })
  async createExperiment(
    @Arg('input', () => CreateExperimentInput) input: CreateExperimentInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Experiment> {
    return dated(await this.experimentService.create(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/experiments', tags: experimentTags })
  @Query(() => [Experiment], { description: 'Experiments of the tenant, newest first.' })
  async experiments(@Ctx() { caller }: RequestContext): Promise<Experiment[]> {
    return (await this.experimentService.list(caller)).map(dated);
  }

  @Rest({ method: 'POST', path: '/ml/experiments/:experiment_id/runs', status: 201, tags: experimentTags })
  @Mutation(() => ExperimentRun, { description: 'Records a run.' })
  async recordRun(@Arg('input', () => RecordRunInput) input: RecordRunInput, @Ctx() { caller }: RequestContext): Promise<ExperimentRun> {
    return dated(await this.experimentService.record(caller, input));
  }

  @Rest({ method: 'GET', path: '/ml/experiments/:experiment_id/runs', tags: experimentTags })
  @Query(() => [ExperimentRun], { description: 'Runs of an experiment, newest first.' })
  async experimentRuns(
    @Arg('experimentId', () => ID, { description: 'The experiment.' }) experimentId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<ExperimentRun[]> {
    return (await this.experimentService.runs(caller, experimentId)).map(dated);
  }

  @Rest({ method: 'GET', path: '/ml/experiments/:experiment_id/comparison', tags: experimentTags })
  @Query(() => ExperimentComparison, { description: 'Runs of an experiment side by side: what differs, what came of it, which is best.' })
  async experimentComparison(
    @Arg('experimentId', () => ID, { description: 'The experiment.' }) experimentId: string,
    @Arg('runIds', () => [ID], { nullable: true, description: 'Runs, two or more. Default: the newest 20.' }) runIds: string[] | null,
    @Ctx() { caller }: RequestContext,
  ): Promise<ExperimentComparison> {
    const { runs, ...compared } = await this.experimentService.compare(caller, { experimentId, runIds });
    return { ...compared, experimentId, runs: runs.map(dated) };
  }
}
