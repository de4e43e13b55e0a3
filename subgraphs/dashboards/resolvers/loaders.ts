import DataLoader from 'dataloader';

import type { RequestContext } from '#platform/graphql';

import type { DashboardService } from '../service/dashboard/dashboard.service';
import type { Dashboard } from '../service/dashboard/model';
import type { WidgetService, WidgetWithDashboard } from '../service/dashboard/widget.service';
import type { WidgetData, WidgetDataService } from '../service/data/widget-data.service';

/** One store query for all dashboard references of a request. */
export const dashboardLoader = (dashboards: DashboardService, context: RequestContext): DataLoader<string, Dashboard | null> =>
  context.loader('dashboards.dashboard', () => new DataLoader((ids: readonly string[]) => dashboards.findMany(context.caller, ids)));

/** One store query for all widget references of a request. */
export const widgetLoader = (widgets: WidgetService, context: RequestContext): DataLoader<string, WidgetWithDashboard | null> =>
  context.loader('dashboards.widget', () => new DataLoader((ids: readonly string[]) => widgets.findMany(context.caller, ids)));

export interface WidgetKey {
  readonly dashboardId: string;
  readonly widgetId: string;
}

/** The data of all widgets that a request asks for: one store query, and one load a dashboard, so that equal queries are one. */
export const widgetDataLoader = (
  services: { dashboards: DashboardService; data: WidgetDataService },
  context: RequestContext,
): DataLoader<WidgetKey, WidgetData | null, string> =>
  context.loader(
    'dashboards.widgetData',
    () =>
      new DataLoader((keys: readonly WidgetKey[]) => loadAll(services, { context, keys }), {
        cacheKeyFn: ({ widgetId }: WidgetKey) => widgetId,
      }),
  );

async function loadAll(
  { dashboards, data }: { dashboards: DashboardService; data: WidgetDataService },
  { context, keys }: { context: RequestContext; keys: readonly WidgetKey[] },
): Promise<(WidgetData | null)[]> {
  const ids = [...new Set(keys.map(({ dashboardId }) => dashboardId))];
  const found = await dashboards.findMany(context.caller, ids);
  const loads = found.map(async (dashboard) => {
    if (!dashboard) return [];
    const widgetIds = keys.filter(({ dashboardId }) => dashboardId === dashboard.id).map(({ widgetId }) => widgetId);
    return (await data.loadFor(context.caller, dashboard, { widgetIds, signal: context.signal })).widgets;
  });
  const byId = new Map((await Promise.all(loads)).flat().map((widget) => [widget.widgetId, widget]));
  return keys.map(({ widgetId }) => byId.get(widgetId) ?? null);
}
