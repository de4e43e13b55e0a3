import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { SqlGeneration } from './generation.type';

@ObjectType({ description: 'A column of a result.' })
export class ResultColumn {
  @Field(() => String, { description: 'Heading.' })
  name!: string;

  @Field(() => String, { description: "The engine's own name of the type." })
  type!: string;

  @Field(() => String, { description: 'What the values are: integer, number, boolean, string, date, timestamp, time, json or binary.' })
  kind!: string;
}

@ObjectType({ description: 'Rows of one executed statement.' })
export class SqlResult {
  @Field(() => ID, { description: 'The executed query, for history and cancellation.' })
  queryId!: string;

  @Field(() => [ResultColumn], { description: 'Columns in order.' })
  columns!: ResultColumn[];

  @Field(() => Json, { description: 'Rows, each a list of values in the order of the columns. Integers beyond 2^53 are text.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Number of rows given.' })
  rowCount!: number;

  @Field(() => Boolean, { description: 'True where more rows exist than were given.' })
  truncated!: boolean;

  @Field(() => Float, { description: 'Time in the engine, milliseconds.' })
  executionTimeMs!: number;

  @Field(() => Boolean, { description: 'True where the rows were kept from an earlier run on the same data.' })
  cacheHit!: boolean;

  @Field(() => [String], { description: 'What to know about the rows, such as a filter that does not apply.' })
  warnings!: string[];
}

@ObjectType({ description: 'Rows in number, with the version of the data that they were read from.' })
export class ExtractedRows {
  @Field(() => ID, { description: 'The executed query.' })
  queryId!: string;

  @Field(() => [ResultColumn], { description: 'Columns in order.' })
  columns!: ResultColumn[];

  @Field(() => Json, { description: 'Rows, each a list of values in the order of the columns.' })
  rows!: unknown;

  @Field(() => Boolean, { description: 'True where more rows exist than were given.' })
  truncated!: boolean;

  @Field(() => String, { description: 'Version of the data.' })
  dataVersion!: string;
}

@ObjectType({ description: 'A chart for a result: Vega-Lite without data, chosen by rule.' })
export class AnswerVisualization {
  @Field(() => String, { description: 'bar_chart, line_chart, area_chart, pie_chart, scatter_plot, heatmap, histogram, metric or table.' })
  type!: string;

  @Field(() => String, { nullable: true, description: 'Column on the horizontal axis.' })
  xAxis!: string | null;

  @Field(() => String, { nullable: true, description: 'Column on the vertical axis.' })
  yAxis!: string | null;

  @Field(() => Json, { nullable: true, description: 'Vega-Lite specification; null for a table.' })
  spec!: unknown;

  @Field(() => String, { description: 'Why this chart.' })
  reason!: string;
}

@ObjectType({ description: 'A question answered: its SQL with reasons, and the rows.' })
export class Answer extends SqlGeneration {
  @Field(() => [ResultColumn], { description: 'Columns in order; empty where there is no SQL.' })
  columns!: ResultColumn[];

  @Field(() => Json, { description: 'Rows, each a list of values in the order of the columns.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Number of rows given.' })
  rowCount!: number;

  @Field(() => Boolean, { description: 'True where more rows exist than were given.' })
  truncated!: boolean;

  @Field(() => Float, { description: 'Time in the engine, milliseconds.' })
  executionTimeMs!: number;

  @Field(() => Boolean, { description: 'True where the rows were kept from an earlier run on the same data.' })
  cacheHit!: boolean;

  @Field(() => AnswerVisualization, { nullable: true, description: 'A chart of the rows; null where there is none.' })
  visualization!: AnswerVisualization | null;

  @Field(() => [String], { description: 'What stands out in the rows, each computed from them.' })
  insights!: string[];
}
