import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { DashboardVisibility, SharePermission, WidgetType } from './enums';

@ObjectType({ description: 'A condition that every widget of a dashboard is under.' })
export class DashboardFilterType {
  @Field(() => String, { description: 'Column or dimension.' })
  field!: string;

  @Field(() => String, { description: 'equals, in, between, contains, last, this, previous, is_null, …' })
  operator!: string;

  @Field(() => Json, { description: 'Values, as many as the operator takes.' })
  values!: unknown;
}

@ObjectType({ description: 'A place on the grid of 12 columns.' })
export class WidgetPosition {
  @Field(() => Int, { description: 'Column of the left edge, 0 to 11.' })
  x!: number;

  @Field(() => Int, { description: 'Row of the upper edge, from 0.' })
  y!: number;

  @Field(() => Int, { description: 'Columns wide, 1 to 12.' })
  width!: number;

  @Field(() => Int, { description: 'Rows high.' })
  height!: number;
}

@ObjectType({ description: 'Where a widget gets its rows: exactly one of sql, question and metric.' })
export class WidgetDataSource {
  @Field(() => String, { nullable: true, description: 'A read-only statement.' })
  sql!: string | null;

  @Field(() => String, { nullable: true, description: 'A question.' })
  question!: string | null;

  @Field(() => String, { nullable: true, description: 'A metric of the semantic model.' })
  metric!: string | null;

  @Field(() => ID, { nullable: true, description: 'The source.' })
  sourceId!: string | null;

  @Field(() => Json, { nullable: true, description: 'Values of the named parameters of a statement, where no filter gives another.' })
  parameters!: unknown;

  @Field(() => Int, { nullable: true, description: 'Seconds that rows are kept. Default 300.' })
  cacheTtlSeconds!: number | null;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One tile of a dashboard.' })
export class Widget {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'Its dashboard.' })
  dashboardId!: string;

  @Field(() => String, { description: 'Name, shown as its heading.' })
  name!: string;

  @Field(() => WidgetType, { description: 'How it shows its rows.' })
  widgetType!: string;

  @Field(() => WidgetPosition, { description: 'Where it stands.' })
  position!: WidgetPosition;

  @Field(() => WidgetDataSource, { nullable: true, description: 'Where its rows come from; null for text.' })
  dataSource!: WidgetDataSource | null;

  @Field(() => Json, { description: 'x_axis, y_axis, color_scheme, show_legend, number_format (d3-format, such as .1%), text, …' })
  config!: unknown;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A dashboard.' })
export class Dashboard {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The tenant that it belongs to.' })
  tenantId!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description!: string | null;

  @Field(() => DashboardVisibility, { description: 'Who sees it.' })
  visibility!: string;

  @Field(() => [String], { description: 'Tags.' })
  tags!: string[];

  @Field(() => [DashboardFilterType], { description: 'Conditions on every widget.' })
  filters!: DashboardFilterType[];

  @Field(() => [Widget], { description: 'Its widgets.' })
  widgets!: Widget[];

  @Field(() => Int, { description: 'Number of widgets.' })
  widgetCount!: number;

  @Field(() => Int, { description: 'Goes up with every change; give it back as `expectedVersion` to be told of changes in between.' })
  version!: number;

  @Field(() => String, { description: 'Its owner.' })
  createdBy!: string;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When it was last changed.' })
  updatedAt!: Date;
}

export const DashboardConnection = connectionType(Dashboard, 'Dashboard');

@ObjectType({ description: 'A field that changed.' })
export class DashboardDifference {
  @Field(() => String, { description: 'The field, such as `name` or `widgets.wdg-….position`.' })
  path!: string;

  @Field(() => Json, { nullable: true, description: 'What it was.' })
  before!: unknown;

  @Field(() => Json, { nullable: true, description: 'What it is.' })
  after!: unknown;
}

@ObjectType({ description: 'A kept version of a dashboard.' })
export class DashboardVersion {
  @Field(() => Int, { description: 'Number, from 1.' })
  version!: number;

  @Field(() => String, { description: 'What was done.' })
  change!: string;

  @Field(() => String, { description: 'Who did it.' })
  changedBy!: string;

  @Field(() => Date, { description: 'When.' })
  changedAt!: Date;

  @Field(() => [DashboardDifference], { description: 'What differs from the version before.' })
  differences!: DashboardDifference[];
}

@ObjectType({ description: 'A change of a dashboard, as it happens.' })
export class DashboardChangeEvent {
  @Field(() => Int, { description: 'Sequence in the log of this dashboard; give it as `after` to go on from here.' })
  sequence!: number;

  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => Int, { description: 'The version after the change.' })
  version!: number;

  @Field(() => String, { description: 'What was done.' })
  change!: string;

  @Field(() => String, { description: 'Who did it.' })
  changedBy!: string;

  @Field(() => [DashboardDifference], { description: 'What changed.' })
  differences!: DashboardDifference[];

  @Field(() => Date, { description: 'When.' })
  timestamp!: Date;

  @Field(() => Dashboard, { nullable: true, description: 'The dashboard as it is now.' })
  dashboard?: Dashboard | null;
}

@ObjectType({ description: 'Someone whom a dashboard is shared with.' })
export class DashboardShare {
  @Field(() => ID, { nullable: true, description: 'The user; null for a team.' })
  userId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The team; null for a user.' })
  teamId!: string | null;

  @Field(() => SharePermission, { description: 'What it allows.' })
  permission!: string;
}

@ObjectType({ description: 'A dashboard with whom it is shared.' })
export class SharedDashboard {
  @Field(() => Dashboard, { description: 'The dashboard.' })
  dashboard!: Dashboard;

  @Field(() => [DashboardShare], { description: 'Its shares.' })
  shares!: DashboardShare[];
}

@ObjectType({ description: 'A read-only link to a dashboard.' })
export class DashboardLink {
  @Field(() => ID, { description: 'Identifier, for revoking it.' })
  id!: string;

  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => String, { nullable: true, description: 'The secret of the link; shown once. The page is `/embed/<token>`.' })
  token!: string | null;

  @Field(() => Date, { description: 'When it ends.' })
  expiresAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was revoked.' })
  revokedAt!: Date | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

@ObjectType({ description: 'A template for a dashboard.' })
export class DashboardTemplate {
  @Field(() => String, { description: 'Name, for making one.' })
  name!: string;

  @Field(() => String, { description: 'Title.' })
  title!: string;

  @Field(() => String, { description: 'What it shows.' })
  description!: string;

  @Field(() => ID, { nullable: true, description: 'The source that it is made for; null for any.' })
  sourceId!: string | null;
}
