import { Directive, Field, Float, ID, InputType, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { ReportFormat } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A number that is watched.' })
export class Alert {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => Json, { description: 'What is watched, the condition, the schedule and the channels; secrets left out.' })
  definition!: unknown;

  @Field(() => Boolean, { description: 'False while it is switched off.' })
  enabled!: boolean;

  @Field(() => Date, { nullable: true, description: 'No messages before this time.' })
  mutedUntil!: Date | null;

  @Field(() => String, { nullable: true, description: 'ok, fired or muted at the last run; null before the first.' })
  lastState!: string | null;

  @Field(() => Float, { nullable: true, description: 'The value at the last run.' })
  lastValue!: number | null;

  @Field(() => Date, { nullable: true, description: 'When it is judged next; null while it is off.' })
  nextRunAt!: Date | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const AlertConnection = connectionType(Alert, 'Alert');

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A dashboard that is sent to people at its times.' })
export class Schedule {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => String, { description: 'Five cron fields.' })
  cron!: string;

  @Field(() => String, { description: 'IANA time zone.' })
  timezone!: string;

  @Field(() => ReportFormat, { description: 'What it is sent as.' })
  format!: string;

  @Field(() => [String], { description: 'E-mail addresses.' })
  recipients!: string[];

  @Field(() => Boolean, { description: 'False while it is switched off.' })
  enabled!: boolean;

  @Field(() => Date, { nullable: true, description: 'When it is sent next; null while it is off.' })
  nextRunAt!: Date | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const ScheduleConnection = connectionType(Schedule, 'Schedule');

@ObjectType({ description: 'What an alert or a schedule did once.' })
export class WatchRun {
  @Field(() => ID, { description: 'Identifier; deliveries carry it.' })
  id!: string;

  @Field(() => String, { description: 'ok, fired, muted, test, sending, sent or failed.' })
  state!: string;

  @Field(() => Float, { nullable: true, description: 'The value judged.' })
  value!: number | null;

  @Field(() => String, { description: 'Why.' })
  message!: string;

  @Field(() => Json, { description: 'Per channel: target, delivered, attempts, problem.' })
  deliveries!: unknown;

  @Field(() => Date, { description: 'When.' })
  ranAt!: Date;
}

@InputType({ description: 'A number to watch: exactly one of sql, metric and widgetId.' })
export class CreateAlertInput {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'A read-only statement; its last number is judged.' })
  sql?: string;

  @Field(() => String, { nullable: true, description: 'A metric or question.' })
  metric?: string;

  @Field(() => ID, { nullable: true, description: 'A widget.' })
  widgetId?: string;

  @Field(() => ID, { nullable: true, description: 'The source.' })
  sourceId?: string;

  @Field(() => Json, {
    description:
      '`{operator, threshold}`; operators: greater_than, less_than, equals, not_equals, percentage_change, anomaly (robust z-score).',
  })
  condition!: unknown;

  @Field(() => String, { description: 'Five cron fields.' })
  schedule!: string;

  @Field(() => String, { nullable: true, description: 'IANA time zone. Default UTC.' })
  timezone?: string;

  @Field(() => Json, { description: 'List of `{type: webhook, url, secret?}`, `{type: slack, url}`, `{type: email, to: []}`.' })
  channels!: unknown;

  @Field(() => Boolean, { nullable: true, description: 'Default true.' })
  enabled?: boolean;
}

@InputType({ description: 'Changes of an alert. What is absent stays.' })
export class UpdateAlertInput {
  @Field(() => ID, { description: 'The alert.' })
  alertId!: string;

  @Field(() => String, { nullable: true, description: 'Name.' })
  name?: string;

  @Field(() => Boolean, { nullable: true, description: 'Switches it on or off.' })
  enabled?: boolean;

  @Field(() => String, { nullable: true, description: 'No messages before this time; null ends a mute.' })
  mutedUntil?: string;

  @Field(() => Json, { nullable: true, description: '`{operator, threshold}`.' })
  condition?: unknown;

  @Field(() => String, { nullable: true, description: 'Five cron fields.' })
  schedule?: string;

  @Field(() => String, { nullable: true, description: 'IANA time zone.' })
  timezone?: string;

  @Field(() => Json, { nullable: true, description: 'All channels; those not named are no longer told.' })
  channels?: unknown;
}

@InputType({ description: 'An alert that is meant.' })
export class AlertIdInput {
  @Field(() => ID, { description: 'The alert.' })
  alertId!: string;
}

@InputType({ description: 'A dashboard to send.' })
export class CreateScheduleInput {
  @Field(() => ID, { description: 'The dashboard.' })
  dashboardId!: string;

  @Field(() => String, { description: 'Five cron fields.' })
  cron!: string;

  @Field(() => String, { nullable: true, description: 'IANA time zone. Default UTC.' })
  timezone?: string;

  @Field(() => ReportFormat, { description: 'What it is sent as.' })
  format!: string;

  @Field(() => [String], { description: 'E-mail addresses; at most 50.' })
  recipients!: string[];

  @Field(() => Boolean, { nullable: true, description: 'Default true.' })
  enabled?: boolean;
}

@InputType({ description: 'Changes of a schedule. What is absent stays.' })
export class UpdateScheduleInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;

  @Field(() => String, { nullable: true, description: 'Five cron fields.' })
  cron?: string;

  @Field(() => String, { nullable: true, description: 'IANA time zone.' })
  timezone?: string;

  @Field(() => ReportFormat, { nullable: true, description: 'What it is sent as.' })
  format?: string;

  @Field(() => [String], { nullable: true, description: 'E-mail addresses.' })
  recipients?: string[];

  @Field(() => Boolean, { nullable: true, description: 'Switches it on or off.' })
  enabled?: boolean;
}

@InputType({ description: 'A schedule that is meant.' })
export class ScheduleIdInput {
  @Field(() => ID, { description: 'The schedule.' })
  scheduleId!: string;
}
