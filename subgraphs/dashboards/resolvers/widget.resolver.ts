import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';

import { Cost, Json, Rest, type RequestContext } from '#platform/graphql';

import { AddWidgetInput, LayOutDashboardInput, UpdateWidgetInput, WidgetIdInput } from '../schema/dashboard.input';
import { Dashboard, Widget } from '../schema/dashboard.type';
import { BinaryFile, DashboardDataType, WidgetDataType } from '../schema/data.type';
import type { DashboardService } from '../service/dashboard/dashboard.service';
import type { DashboardFilter } from '../service/dashboard/model';
import type { WidgetService } from '../service/dashboard/widget.service';
import type { WidgetDataService } from '../service/data/widget-data.service';
import type { ExportService } from '../service/render/export.service';

import { widgetDataLoader } from './loaders';
import { toDashboard, toDashboardData, toFile, toWidget, toWidgetData } from './present';

const tags = ['Widgets'];

export interface WidgetResolverServices {
  readonly widgets: WidgetService;
  readonly dashboards: DashboardService;
  readonly data: WidgetDataService;
  readonly exports: ExportService;
}

@Resolver(() => Widget)
export class WidgetResolver {
  constructor(private readonly services: WidgetResolverServices) {}

  @Rest({ method: 'POST', path: '/bi/dashboards/:dashboard_id/widgets', status: 201, tags })
  @Mutation(() => Widget, { description: 'Adds a widget.' })
  async addWidget(@Arg('input', () => AddWidgetInput) input: AddWidgetInput, @Ctx() { caller }: RequestContext): Promise<Widget> {
    const { widget, dashboard } = await this.services.widgets.add(caller, input);
    return toWidget(widget, dashboard.id);
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/widgets', tags })
  @Query(() => [Widget], { description: 'Widgets of a dashboard.' })
  async dashboardWidgets(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<Widget[]> {
    const { id, widgets } = await this.services.dashboards.find(caller, dashboardId);
    return widgets.map((widget) => toWidget(widget, id));
  }

  @Rest({ method: 'PATCH', path: '/bi/dashboards/:dashboard_id/widgets/:widget_id', tags })
  @Mutation(() => Widget, { description: 'Changes a widget.' })
  async updateWidget(@Arg('input', () => UpdateWidgetInput) input: UpdateWidgetInput, @Ctx() { caller }: RequestContext): Promise<Widget> {
    const { widget, dashboard } = await this.services.widgets.update(caller, input);
    return toWidget(widget, dashboard.id);
  }

  @Rest({ method: 'DELETE', path: '/bi/dashboards/:dashboard_id/widgets/:widget_id', tags })
  @Mutation(() => Dashboard, { description: 'Removes a widget.' })
  async removeWidget(@Arg('input', () => WidgetIdInput) input: WidgetIdInput, @Ctx() { caller }: RequestContext): Promise<Dashboard> {
    return toDashboard(await this.services.widgets.remove(caller, input));
  }

  @Rest({ method: 'PUT', path: '/bi/dashboards/:dashboard_id/layout', tags })
  @Mutation(() => Dashboard, { description: 'Moves widgets, all at once. Overlaps are refused with the free place named.' })
  async layOutDashboard(
    @Arg('input', () => LayOutDashboardInput) input: LayOutDashboardInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<Dashboard> {
    return toDashboard(await this.services.widgets.layOut(caller, input));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/data', tags })
  @Query(() => DashboardDataType, { nullable: true, description: 'Rows and charts of all widgets, dashboard filters applied.' })
  async dashboardData(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Arg('refresh', () => Boolean, { nullable: true, description: 'True passes the cache.' }) refresh: boolean | undefined,
    @Arg('filters', () => Json, { nullable: true, description: 'More conditions for this load: a list of `{field, operator, values}`.' })
    filters: unknown,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<DashboardDataType> {
    return toDashboardData(
      await this.services.data.load(caller, dashboardId, { refresh, filters: filters as DashboardFilter[] | undefined, signal }),
    );
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/widgets/:widget_id/data', tags })
  @Query(() => WidgetDataType, { nullable: true, description: 'Rows and chart of one widget.' })
  async widgetData(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Arg('widgetId', () => ID, { description: 'The widget.' }) widgetId: string,
    @Arg('refresh', () => Boolean, { nullable: true, description: 'True passes the cache.' }) refresh: boolean | undefined,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<WidgetDataType> {
    return toWidgetData(await this.services.data.one(caller, { dashboardId, widgetId }, { refresh, signal }));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/widgets/:widget_id/chart.svg', tags })
  @Query(() => BinaryFile, { description: 'The chart of a widget as SVG.' })
  async widgetChartSvg(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Arg('widgetId', () => ID, { description: 'The widget.' }) widgetId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<BinaryFile> {
    return toFile(await this.services.exports.chart(caller, { dashboardId, widgetId, format: 'svg' }));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/widgets/:widget_id/chart.png', tags })
  @Query(() => BinaryFile, { description: 'The chart of a widget as PNG.' })
  async widgetChartPng(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Arg('widgetId', () => ID, { description: 'The widget.' }) widgetId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<BinaryFile> {
    return toFile(await this.services.exports.chart(caller, { dashboardId, widgetId, format: 'png' }));
  }

  @Rest({ method: 'GET', path: '/bi/dashboards/:dashboard_id/export', tags })
  @Query(() => BinaryFile, { description: 'A dashboard as a file.' })
  async exportDashboard(
    @Arg('dashboardId', () => ID, { description: 'The dashboard.' }) dashboardId: string,
    @Arg('format', () => String, { description: 'pdf, png, csv, xlsx or json.' }) format: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<BinaryFile> {
    return toFile(await this.services.exports.export(caller, { dashboardId, format }));
  }

  @Cost(50)
  @FieldResolver(() => WidgetDataType, { nullable: true, description: 'Its rows and chart.' })
  async data(@Root() { id, dashboardId }: Widget, @Ctx() context: RequestContext): Promise<WidgetDataType | null> {
    const data = await widgetDataLoader(this.services, context).load({ dashboardId, widgetId: id });
    return data && toWidgetData(data);
  }
}
