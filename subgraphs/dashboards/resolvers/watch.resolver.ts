import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, readPage, Rest, toConnection, type Connection, type RequestContext } from '#platform/graphql';

import {
  Alert,
  AlertConnection,
  AlertIdInput,
  CreateAlertInput,
  CreateScheduleInput,
  Schedule,
  ScheduleConnection,
  ScheduleIdInput,
  UpdateAlertInput,
  UpdateScheduleInput,
  WatchRun,
} from '../schema/watch.type';
import type { AlertService } from '../service/watch/alert.service';
import type { ScheduleService, ScheduleView } from '../service/watch/schedule.service';

import { toAlert, toRun } from './present';

const tags = ['Alerts and reports'];

/** Alerts and schedules of a tenant are few: lists are read whole and paged here. */
function pageOf<Node extends { readonly id: string }>(all: readonly Node[], args: PageArgs, scope: string): Connection<Node> {
  const page = readPage(args, scope);
  const start = page.after ? all.findIndex(({ id }) => id === page.after![0]) + 1 : page.offset;
  return toConnection({ items: all.slice(start, start + page.limit + 1), page, scope, keyOf: ({ id }) => [id], totalCount: all.length });
}

const toSchedule = (view: ScheduleView): Schedule => ({ ...view, recipients: [...view.recipients] });

@Resolver(() => Alert)
export class WatchResolver {
  constructor(
    private readonly alertService: AlertService,
    private readonly scheduleService: ScheduleService,
  ) {}

  @Rest({ method: 'GET', path: '/bi/alerts/:id', tags })
  @Query(() => Alert, { nullable: true, description: 'One alert.' })
  async alert(@Arg('id', () => ID, { description: 'The alert.' }) id: string, @Ctx() { caller }: RequestContext): Promise<Alert> {
    return toAlert(await this.alertService.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/bi/alerts', tags, depth: 2 })
  @Query(() => AlertConnection, { description: 'Alerts of the caller, newest first; an administrator sees those of the tenant.' })
  async alerts(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<Alert>> {
    return pageOf((await this.alertService.list(caller)).map(toAlert), page, `alerts:${caller.tenantId}`);
  }

  @Rest({ method: 'POST', path: '/bi/alerts', status: 201, tags })
  @Mutation(() => Alert, { description: 'Watches a number.' })
  async createAlert(@Arg('input', () => CreateAlertInput) input: CreateAlertInput, @Ctx() { caller }: RequestContext): Promise<Alert> {
    return toAlert(await this.alertService.create(caller, input));
  }

  @Rest({ method: 'PATCH', path: '/bi/alerts/:alert_id', tags })
  @Mutation(() => Alert, { description: 'Changes, mutes or switches an alert.' })
  async updateAlert(@Arg('input', () => UpdateAlertInput) input: UpdateAlertInput, @Ctx() { caller }: RequestContext): Promise<Alert> {
    return toAlert(await this.alertService.update(caller, input));
  }

  @Rest({ method: 'DELETE', path: '/bi/alerts/:alert_id', tags })
  @Mutation(() => Alert, { description: 'Removes an alert.' })
  async deleteAlert(@Arg('input', () => AlertIdInput) { alertId }: AlertIdInput, @Ctx() { caller }: RequestContext): Promise<Alert> {
    return toAlert(await this.alertService.remove(caller, alertId));
  }

  @Rest({ method: 'POST', path: '/bi/alerts/:alert_id/test', tags })
  @Mutation(() => WatchRun, { description: 'Judges an alert now and sends a test to its channels.' })
  async testAlert(@Arg('input', () => AlertIdInput) { alertId }: AlertIdInput, @Ctx() { caller }: RequestContext): Promise<WatchRun> {
    return toRun(await this.alertService.test(caller, alertId));
  }

  @Rest({ method: 'GET', path: '/bi/alerts/:alert_id/history', tags })
  @Query(() => [WatchRun], { description: 'What an alert did, newest first; the last 100.' })
  async alertHistory(
    @Arg('alertId', () => ID, { description: 'The alert.' }) alertId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<WatchRun[]> {
    return (await this.alertService.history(caller, alertId)).map(toRun);
  }

  @Rest({ method: 'GET', path: '/bi/schedules/:id', tags })
  @Query(() => Schedule, { nullable: true, description: 'One schedule.' })
  async schedule(@Arg('id', () => ID, { description: 'The schedule.' }) id: string, @Ctx() { caller }: RequestContext): Promise<Schedule> {
    return toSchedule(await this.scheduleService.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/bi/schedules', tags, depth: 2 })
  @Query(() => ScheduleConnection, { description: 'Schedules of the caller, newest first; an administrator sees those of the tenant.' })
  async schedules(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<Schedule>> {
    return pageOf((await this.scheduleService.list(caller)).map(toSchedule), page, `schedules:${caller.tenantId}`);
  }

  @Rest({ method: 'POST', path: '/bi/schedules', status: 201, tags })
  @Mutation(() => Schedule, { description: 'Sends a dashboard to people at its times.' })
  async createSchedule(
    @Arg('input', () => CreateScheduleInput) input: CreateScheduleInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Schedule> {
    return toSchedule(await this.scheduleService.create(caller, input));
  }

  @Rest({ method: 'PATCH', path: '/bi/schedules/:schedule_id', tags })
  @Mutation(() => Schedule, { description: 'Changes a schedule.' })
  async updateSchedule(
    @Arg('input', () => UpdateScheduleInput) input: UpdateScheduleInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Schedule> {
    return toSchedule(await this.scheduleService.update(caller, input));
  }

  @Rest({ method: 'DELETE', path: '/bi/schedules/:schedule_id', tags })
  @Mutation(() => Schedule, { description: 'Removes a schedule.' })
  async deleteSchedule(
    @Arg('input', () => ScheduleIdInput) { scheduleId }: ScheduleIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Schedule> {
    return toSchedule(await this.scheduleService.remove(caller, scheduleId));
  }

  @Rest({ method: 'GET', path: '/bi/schedules/:schedule_id/runs', tags })
  @Query(() => [WatchRun], { description: 'What a schedule did, newest first; the last 100.' })
  async scheduleRuns(
    @Arg('scheduleId', () => ID, { description: 'The schedule.' }) scheduleId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<WatchRun[]> {
    return (await this.scheduleService.history(caller, scheduleId)).map(toRun);
  }
}
