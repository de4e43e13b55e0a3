import type { DashboardDataType, WidgetDataType } from '../schema/data.type';
import type { Dashboard, Widget } from '../schema/dashboard.type';
import type { Alert, WatchRun } from '../schema/watch.type';
import type { Dashboard as DashboardModel, Widget as WidgetModel } from '../service/dashboard/model';
import type { DashboardData, WidgetData } from '../service/data/widget-data.service';
import type { ExportedFile } from '../service/render/export';
import type { AlertView } from '../service/watch/alert.service';
import type { RunView } from '../service/views';

export const toWidget = (widget: WidgetModel, dashboardId: string): Widget => ({
  id: widget.id,
  dashboardId,
  name: widget.name,
  widgetType: widget.widgetType,
  position: widget.position,
  dataSource: widget.dataSource && {
    sql: widget.dataSource.sql ?? null,
    question: widget.dataSource.question ?? null,
    metric: widget.dataSource.metric ?? null,
    sourceId: widget.dataSource.sourceId ?? null,
    parameters: widget.dataSource.parameters ?? null,
    cacheTtlSeconds: widget.dataSource.cacheTtlSeconds ?? null,
  },
  config: widget.config,
});

export const toDashboard = (dashboard: DashboardModel): Dashboard => ({
  id: dashboard.id,
  tenantId: dashboard.tenantId,
  name: dashboard.name,
  description: dashboard.description,
  visibility: dashboard.visibility,
  tags: [...dashboard.tags],
  filters: dashboard.filters.map(({ field, operator, values }) => ({ field, operator, values })),
  widgets: dashboard.widgets.map((widget) => toWidget(widget, dashboard.id)),
  widgetCount: dashboard.widgets.length,
  version: dashboard.version,
  createdBy: dashboard.ownerId,
  createdAt: dashboard.createdAt,
  updatedAt: dashboard.updatedAt,
});

export const toWidgetData = ({ widgetId, name, widgetType, result, chart, dataTime, cacheHit, error }: WidgetData): WidgetDataType => ({
  widgetId,
  name,
  widgetType,
  sql: result?.sql ?? null,
  queryId: result?.queryId ?? null,
  columns: (result?.columns ?? []).map((column) => ({ name: column.name, type: column.type })),
  rows: result?.rows ?? [],
  rowCount: result?.rows.length ?? 0,
  truncated: result?.truncated ?? false,
  spec: chart?.spec ?? null,
  altText: chart?.altText ?? null,
  dataTime,
  cacheHit,
  warnings: [...(result?.warnings ?? [])],
  error,
});

export const toDashboardData = ({ dashboardId, queryCount, widgets }: DashboardData): DashboardDataType => ({
  dashboardId,
  queryCount,
  widgets: widgets.map(toWidgetData),
});

export const toFile = ({ contentType, filename, content }: ExportedFile) => ({ contentType, filename, base64: content.toString('base64') });

export const toRun = (run: RunView): WatchRun => ({
  id: run.id,
  state: run.state,
  value: run.value,
  message: run.message,
  deliveries: run.deliveries,
  ranAt: run.ran_at,
});

/** Secrets of webhooks are written, never read; of their addresses the host is enough. */
export const toAlert = ({ definition, ...alert }: AlertView): Alert => ({
  ...alert,
  definition: {
    ...definition,
    channels: definition.channels.map((to) => (to.type === 'email' ? to : { type: to.type, host: new URL(to.url).host })),
  },
});
