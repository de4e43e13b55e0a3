import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

@InputType({ description: 'Features as SQL.' })
export class CreateFeatureSetInput {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => String, { description: 'A read-only statement that gives entity, event time and features.' })
  query!: string;

  @Field(() => String, { description: 'Column that says whose features they are.' })
  entityColumn!: string;

  @Field(() => String, { description: 'Column that says since when they are known.' })
  eventTimeColumn!: string;

  @Field(() => [String], { description: 'Feature columns.' })
  features!: string[];

  @Field(() => Int, { nullable: true, description: 'Seconds after which features are too old. Default: never.' })
  ttlSeconds?: number;
}

@InputType({ description: 'Labels that features are joined to, as known at each label’s time.' })
export class OfflineFeaturesInput {
  @Field(() => ID, { description: 'The feature set.' })
  featureSetId!: string;

  @Field(() => String, { description: 'A read-only statement with entity, time and label.' })
  labelsQuery!: string;

  @Field(() => String, { nullable: true, description: "Entity column of the labels. Default: the set's." })
  entityColumn?: string;

  @Field(() => String, { nullable: true, description: "Time column of the labels. Default: the set's." })
  eventTimeColumn?: string;

  @Field(() => Int, { nullable: true, description: 'Rows at most. Default 100,000.' })
  maxRows?: number;
}

@InputType({ description: 'Entities whose features are wanted.' })
export class OnlineFeaturesInput {
  @Field(() => ID, { description: 'The feature set.' })
  featureSetId!: string;

  @Field(() => Json, { description: 'Entities; at most 1,000.' })
  entities!: unknown;
}

@InputType({ description: 'A feature set that is meant.' })
export class FeatureSetIdInput {
  @Field(() => ID, { description: 'The feature set.' })
  featureSetId!: string;
}

@InputType({ description: 'When the online store of a feature set is filled by itself.' })
export class ScheduleFeatureSetInput {
  @Field(() => ID, { description: 'The feature set.' })
  featureSetId!: string;

  @Field(() => String, { description: 'Five fields: minute, hour, day of month, month, day of week, such as `0 * * * *` for every hour.' })
  cron!: string;

  @Field(() => String, { nullable: true, description: 'IANA name such as Europe/Berlin. Default UTC.' })
  timezone?: string;
}

@ObjectType({ description: 'When the online store of a feature set is filled by itself. What was missed is made up for once.' })
export class FeatureSetSchedule {
  @Field(() => String, { description: 'Five fields.' })
  cron!: string;

  @Field(() => String, { description: 'IANA name.' })
  timezone!: string;

  @Field(() => Date, { description: 'The next time.' })
  nextRunAt!: Date;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'Features as SQL, with entity, event time and time to live.' })
export class FeatureSet {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => Json, { description: 'Query, columns, time to live.' })
  definition!: unknown;

  @Field(() => Date, { nullable: true, description: 'When the online store was last filled; null: never.' })
  materialisedAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Time of the newest features online; null while there are none.' })
  latestEventAt!: Date | null;

  @Field(() => Int, { nullable: true, description: 'Entities online.' })
  entityCount!: number | null;

  @Field(() => FeatureSetSchedule, { nullable: true, description: 'When the online store is filled by itself; null: by hand alone.' })
  schedule!: FeatureSetSchedule | null;

  @Field(() => String, {
    nullable: true,
    description: 'Why the last scheduled fill failed; null once one succeeded. The features before it stay.',
  })
  problem!: string | null;

  @Field(() => Boolean, { description: 'True where even the newest features online are past their time to live, or there are none.' })
  isStale!: boolean;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

@ObjectType({ description: 'Labels with their features.' })
export class OfflineFeatures {
  @Field(() => [String], { description: 'Columns.' })
  columns!: string[];

  @Field(() => Json, { description: 'Rows.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Number of rows.' })
  rowCount!: number;

  @Field(() => String, { description: 'The point-in-time join.' })
  sql!: string;
}

@ObjectType({ description: 'Features of one entity.' })
export class OnlineFeatures {
  @Field(() => String, { description: 'The entity.' })
  entity!: string;

  @Field(() => Json, { nullable: true, description: 'Its features; null where none are known or they are too old.' })
  features!: unknown;

  @Field(() => Date, { nullable: true, description: 'Since when they are known.' })
  eventTime!: Date | null;
}

@InputType({ description: 'An experiment to begin.' })
export class CreateExperimentInput {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is about.' })
  description?: string;
}

@InputType({ description: 'A run to record.' })
export class RecordRunInput {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => String, { nullable: true, description: 'Name.' })
  name?: string;

  @Field(() => Json, { nullable: true, description: 'Parameters by name.' })
  parameters?: unknown;

  @Field(() => Json, { nullable: true, description: 'Metrics by name; numbers.' })
  metrics?: unknown;

  @Field(() => Json, { nullable: true, description: 'Intervals of 95 % by metric: `{"rmse": {"low": 1, "high": 2}}`.' })
  intervals?: unknown;

  @Field(() => Json, { nullable: true, description: 'Tags by name; text.' })
  tags?: unknown;

  @Field(() => Json, { nullable: true, description: 'List of artifacts.' })
  artifacts?: unknown;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An experiment.' })
export class Experiment {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is about.' })
  description!: string | null;

  @Field(() => Date, { description: 'When it was begun.' })
  createdAt!: Date;
}

@ObjectType({ description: 'A run of an experiment.' })
export class ExperimentRun {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => Json, { description: 'Parameters.' })
  parameters!: unknown;

  @Field(() => Json, { description: 'Metrics.' })
  metrics!: unknown;

  @Field(() => Json, { description: 'Intervals of 95 % by metric, where they were measured.' })
  intervals!: unknown;

  @Field(() => Json, { description: 'Tags.' })
  tags!: unknown;

  @Field(() => Json, { description: 'Artifacts.' })
  artifacts!: unknown;

  @Field(() => Date, { description: 'When it was recorded.' })
  createdAt!: Date;
}
