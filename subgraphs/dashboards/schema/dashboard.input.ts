import { Field, ID, InputType, Int } from 'type-graphql';

import { Json } from '#platform/graphql';

import { DashboardVisibility, SharePermission, TemplateName, WidgetType } from './enums';

@InputType({ description: 'A condition on every widget.' })
export class DashboardFilterInput {
  @Field(() => String, { description: 'Column or dimension.' })
  field!: string;

  @Field(() => String, {
    description: 'equals, not_equals, in, not_in, between, greater_than, less_than, contains, is_null, last, this, previous, …',
  })
  operator!: string;

  @Field(() => Json, { nullable: true, description: 'Values, as many as the operator takes.' })
  values?: unknown;
}

@InputType({ description: 'A dashboard to make.' })
export class CreateDashboardInput {
  @Field(() => String, { description: 'Name; 1 to 200 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => DashboardVisibility, { nullable: true, description: 'Who sees it. Default PRIVATE.' })
  visibility?: string;

  @Field(() => [String], { nullable: true, description: 'Tags; at most 30.' })
  tags?: string[];

  @Field(() => [DashboardFilterInput], { nullable: true, description: 'Conditions on every widget.' })
  filters?: DashboardFilterInput[];
}

@InputType({ description: 'Changes of a dashboard. What is absent stays.' })
export class UpdateDashboardInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { nullable: true, description: 'The version that the change is based on; another one now is refused.' })
  expectedVersion?: number;

  @Field(() => String, { nullable: true, description: 'Name.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => DashboardVisibility, { nullable: true, description: 'Who sees it; for the owner and administrators.' })
  visibility?: string;

  @Field(() => [String], { nullable: true, description: 'Tags.' })
  tags?: string[];

  @Field(() => [DashboardFilterInput], { nullable: true, description: 'Conditions on every widget.' })
  filters?: DashboardFilterInput[];
}

@InputType({ description: 'A dashboard that is meant.' })
export class DashboardIdInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { nullable: true, description: 'The version that the change is based on; another one now is refused.' })
  expectedVersion?: number;
}

@InputType({ description: 'A place on the grid of 12 columns.' })
export class WidgetPositionInput {
  @Field(() => Int, { description: 'Column of the left edge, 0 to 11.' })
  x!: number;

  @Field(() => Int, { description: 'Row of the upper edge, from 0.' })
  y!: number;

  @Field(() => Int, { description: 'Columns wide, 1 to 12.' })
  width!: number;

  @Field(() => Int, { description: 'Rows high.' })
  height!: number;
}

@InputType({ description: 'Where a widget gets its rows: exactly one of sql, question and metric.' })
export class WidgetDataSourceInput {
  @Field(() => String, { nullable: true, description: 'A read-only statement.' })
  sql?: string;

  @Field(() => String, { nullable: true, description: 'A question.' })
  question?: string;

  @Field(() => String, { nullable: true, description: 'A metric of the semantic model.' })
  metric?: string;

  @Field(() => ID, { nullable: true, description: 'The source. Default: the one that fits.' })
  sourceId?: string;

  @Field(() => Json, {
    nullable: true,
    description:
      'Values of the named parameters (`$name`) of a statement, as an object. A filter on a field of that name takes its place: `$region` that of equals; `$day_from` and `$day_to`, both inclusive, those of a range.',
  })
  parameters?: unknown;

  @Field(() => Int, { nullable: true, description: 'Seconds that rows are kept; 0 to 86,400. Default 300.' })
  cacheTtlSeconds?: number;
}

@InputType({ description: 'A widget to add.' })
export class AddWidgetInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => String, { description: 'Name; 1 to 200 characters.' })
  name!: string;

  @Field(() => WidgetType, { description: 'How it shows its rows.' })
  widgetType!: string;

  @Field(() => WidgetPositionInput, { nullable: true, description: 'Where it stands. Default: the first free place.' })
  position?: WidgetPositionInput;

  @Field(() => WidgetDataSourceInput, { nullable: true, description: 'Where its rows come from; needed for all but text.' })
  dataSource?: WidgetDataSourceInput;

  @Field(() => Json, {
    nullable: true,
    description: 'x_axis, y_axis, color_scheme, show_legend, number_format (d3-format, such as .1%), text, …',
  })
  config?: unknown;

  @Field(() => Int, { nullable: true, description: 'The version that the change is based on; another one now is refused.' })
  expectedVersion?: number;
}

@InputType({ description: 'Changes of a widget. What is absent stays.' })
export class UpdateWidgetInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => ID, { description: 'The widget.' })
  widgetId!: string;

  @Field(() => String, { nullable: true, description: 'Name.' })
  name?: string;

  @Field(() => WidgetType, { nullable: true, description: 'How it shows its rows.' })
  widgetType?: string;

  @Field(() => WidgetPositionInput, { nullable: true, description: 'Where it stands.' })
  position?: WidgetPositionInput;

  @Field(() => WidgetDataSourceInput, { nullable: true, description: 'Where its rows come from.' })
  dataSource?: WidgetDataSourceInput;

  @Field(() => Json, { nullable: true, description: 'Settings of its type.' })
  config?: unknown;

  @Field(() => Int, { nullable: true, description: 'The version that the change is based on; another one now is refused.' })
  expectedVersion?: number;
}

@InputType({ description: 'A widget that is meant.' })
export class WidgetIdInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => ID, { description: 'The widget.' })
  widgetId!: string;
}

@InputType({ description: 'A widget and its new place.' })
export class WidgetPlacementInput {
  @Field(() => ID, { description: 'The widget.' })
  widgetId!: string;

  @Field(() => WidgetPositionInput, { description: 'Its place.' })
  position!: WidgetPositionInput;
}

@InputType({ description: 'New places of widgets, all at once.' })
export class LayOutDashboardInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => [WidgetPlacementInput], { description: 'Widgets that move; the others stay.' })
  positions!: WidgetPlacementInput[];

  @Field(() => Int, { nullable: true, description: 'The version that the change is based on; another one now is refused.' })
  expectedVersion?: number;
}

@InputType({ description: 'A user or a team, and what it may do.' })
export class ShareWithInput {
  @Field(() => ID, { nullable: true, description: 'A user.' })
  userId?: string;

  @Field(() => ID, { nullable: true, description: 'A team, as the `teams` attribute of tokens names it.' })
  teamId?: string;

  @Field(() => SharePermission, { description: 'VIEW or EDIT.' })
  permission!: string;
}

@InputType({ description: 'Who else may see a dashboard.' })
export class ShareDashboardInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => DashboardVisibility, { nullable: true, description: 'Who sees it.' })
  visibility?: string;

  @Field(() => [ShareWithInput], { nullable: true, description: 'Users and teams, in place of those of before.' })
  sharedWith?: ShareWithInput[];
}

@InputType({ description: 'A read-only link to make.' })
export class CreateDashboardLinkInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { nullable: true, description: 'Hours until it ends; 1 to 8,760. Default 168.' })
  expiresInHours?: number;
}

@InputType({ description: 'A link that is meant.' })
export class DashboardLinkIdInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => ID, { description: 'The link.' })
  linkId!: string;
}

@InputType({ description: 'A dashboard to copy.' })
export class CloneDashboardInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => String, { nullable: true, description: 'Name of the copy.' })
  name?: string;
}

@InputType({ description: 'A dashboard that was exported as JSON.' })
export class ImportDashboardInput {
  @Field(() => Json, { description: 'The document: name, filters, widgets, …' })
  document!: unknown;
}

@InputType({ description: 'A dashboard to make from a template.' })
export class CreateFromTemplateInput {
  @Field(() => TemplateName, { description: 'Which template.' })
  template!: string;

  @Field(() => ID, { nullable: true, description: "The source. Default: the template's own." })
  sourceId?: string;

  @Field(() => String, { nullable: true, description: 'Name of the dashboard.' })
  name?: string;
}

@InputType({ description: 'A version to go back to.' })
export class RestoreVersionInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { description: 'The version.' })
  version!: number;
}
