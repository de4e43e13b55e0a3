import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

@ObjectType({ description: 'A column of a widget.' })
export class WidgetColumnType {
  @Field(() => String, { description: 'Heading.' })
  name!: string;

  @Field(() => String, { description: "The engine's type." })
  type!: string;
}

@ObjectType({ description: 'Why a widget has no rows.' })
export class WidgetError {
  @Field(() => String, { description: 'Code.' })
  code!: string;

  @Field(() => String, { description: 'What was wrong.' })
  message!: string;
}

@ObjectType({ description: 'The rows of a widget, with the chart that shows them.' })
export class WidgetDataType {
  @Field(() => ID, { description: 'The widget.' })
  widgetId!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'How it shows its rows.' })
  widgetType!: string;

  @Field(() => String, { nullable: true, description: 'The statement behind the rows.' })
  sql!: string | null;

  @Field(() => ID, { nullable: true, description: 'The query behind the rows.' })
  queryId!: string | null;

  @Field(() => [WidgetColumnType], { description: 'Columns in order.' })
  columns!: WidgetColumnType[];

  @Field(() => Json, { description: 'Rows, each a list of values.' })
  rows!: unknown;

  @Field(() => Int, { description: 'Number of rows.' })
  rowCount!: number;

  @Field(() => Boolean, { description: 'True where more rows exist.' })
  truncated!: boolean;

  @Field(() => Json, { nullable: true, description: 'Vega-Lite with data; null for tables and text.' })
  spec!: unknown;

  @Field(() => String, { nullable: true, description: 'What the chart shows, in words.' })
  altText!: string | null;

  @Field(() => Date, { nullable: true, description: 'When the rows were computed.' })
  dataTime!: Date | null;

  @Field(() => Boolean, { description: 'True where the rows were kept from an earlier load.' })
  cacheHit!: boolean;

  @Field(() => [String], { description: 'What to know about the rows.' })
  warnings!: string[];

  @Field(() => WidgetError, { nullable: true, description: 'Why there are no rows; other widgets have theirs.' })
  error!: WidgetError | null;
}

@ObjectType({ description: 'The rows of all widgets of a dashboard.' })
export class DashboardDataType {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { description: 'Queries that this load needed; widgets that ask the same share one.' })
  queryCount!: number;

  @Field(() => [WidgetDataType], { description: 'Widgets in order.' })
  widgets!: WidgetDataType[];
}

@Directive('@shareable')
@ObjectType({ description: 'A file, base64. REST clients get its bytes.' })
export class BinaryFile {
  @Field(() => String, { description: 'Media type.' })
  contentType!: string;

  @Field(() => String, { description: 'File name.' })
  filename!: string;

  @Field(() => String, { description: 'Content.' })
  base64!: string;
}
