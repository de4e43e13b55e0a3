import { Field, Float, ID, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { ExperimentRun } from './feature.type';

@ObjectType({ description: 'A parameter that the runs were given differently.' })
export class ComparedParameter {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => Json, { description: 'Its values in the order of the runs; null where a run does not name it.' })
  values!: unknown;
}

@ObjectType({ description: 'A metric of one run.' })
export class ComparedValue {
  @Field(() => ID, { description: 'The run.' })
  runId!: string;

  @Field(() => Float, { description: 'What was measured.' })
  value!: number;

  @Field(() => Float, { nullable: true, description: 'Lower end of its interval of 95 %; null where none is known.' })
  low!: number | null;

  @Field(() => Float, { nullable: true, description: 'Upper end of its interval of 95 %; null where none is known.' })
  high!: number | null;

  @Field(() => Boolean, { description: 'True for the best of the runs, and for all that share its value.' })
  isBest!: boolean;
}

@ObjectType({ description: 'A metric of all runs that told it.' })
export class ComparedMetric {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => Boolean, { nullable: true, description: 'Which way is better; null where that is not known, and no run is marked.' })
  higherIsBetter!: boolean | null;

  @Field(() => [ComparedValue], { description: 'Run by run.' })
  values!: readonly ComparedValue[];

  @Field(() => Boolean, {
    nullable: true,
    description: 'True where the interval of the best lies apart from all others; false: the lead may be chance; null: not known.',
  })
  isClear!: boolean | null;
}

@ObjectType({ description: 'Runs of an experiment side by side.' })
export class ExperimentComparison {
  @Field(() => ID, { description: 'The experiment.' })
  experimentId!: string;

  @Field(() => [ExperimentRun], { description: 'The runs compared.' })
  runs!: ExperimentRun[];

  @Field(() => [ComparedParameter], { description: 'Parameters that differ.' })
  differing!: readonly ComparedParameter[];

  @Field(() => Json, { description: 'Parameters that are the same in every run.' })
  common!: unknown;

  @Field(() => [ComparedMetric], { description: 'Metrics.' })
  metrics!: readonly ComparedMetric[];

  @Field(() => Json, { description: 'A Vega-Lite chart of the metrics with their intervals.' })
  chart!: unknown;
}
