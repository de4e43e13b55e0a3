import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { DashboardStore } from '../../store/dashboard.store';
import type { DashboardTables } from '../../store/rows';
import { policy } from '../policy';

import type { DashboardService } from './dashboard.service';
import { freePlace } from './layout';
import { config, dataSource, position, widgetTypes, type Dashboard, type Widget } from './model';

const addRules = z.object({
  dashboardId: z.string(),
  name: z.string().trim().min(1, 'it must not be empty').max(200),
  widgetType: z.enum(widgetTypes),
  position: position.nullish(),
  dataSource: dataSource.nullish(),
  config: config.nullish(),
  expectedVersion: z.number().int().nullish(),
});
const updateRules = z.object({
  dashboardId: z.string(),
  widgetId: z.string(),
  name: z.string().trim().min(1).max(200).nullish(),
  widgetType: z.enum(widgetTypes).nullish(),
  position: position.nullish(),
  dataSource: dataSource.nullish(),
  config: config.nullish(),
  expectedVersion: z.number().int().nullish(),
});
const layoutRules = z.object({
  dashboardId: z.string(),
  positions: z
    .array(z.object({ widgetId: z.string(), position }))
    .min(1)
    .max(200),
  expectedVersion: z.number().int().nullish(),
});

const defaultSize = { width: 6, height: 4 };

export interface WidgetWithDashboard {
  readonly widget: Widget;
  readonly dashboard: Dashboard;
}

/** Widgets are parts of their dashboard: every change of one is a version of the other. */
export class WidgetService {
  constructor(
    private readonly parts: {
      readonly dashboards: DashboardService;
      readonly db: Database<DashboardTables>;
      readonly store: DashboardStore;
    },
  ) {}

  async add(caller: Caller, input: unknown): Promise<WidgetWithDashboard> {
    policy.require(caller, 'dashboard:write');
    const wanted = readInput(addRules, input);
    const id = newId('wdg');
    const dashboard = await this.parts.dashboards.change(caller, {
      id: wanted.dashboardId,
      what: `widget ${wanted.name} added`,
      expectedVersion: wanted.expectedVersion,
      apply: (document) => {
        const place = wanted.position ?? freePlace(document.widgets, defaultSize);
        const widget: Widget = {
          id,
          name: wanted.name,
          widgetType: wanted.widgetType,
          position: place,
          dataSource: wanted.dataSource ?? null,
          config: wanted.config ?? {},
        };
        return { ...document, widgets: [...document.widgets, widget] };
      },
    });
    return pick(dashboard, id);
  }

  async update(caller: Caller, input: unknown): Promise<WidgetWithDashboard> {
    policy.require(caller, 'dashboard:write');
    const wanted = readInput(updateRules, input);
    const dashboard = await this.parts.dashboards.change(caller, {
      id: wanted.dashboardId,
      what: 'widget changed',
      expectedVersion: wanted.expectedVersion,
      apply: (document) => {
        if (!document.widgets.some(({ id }) => id === wanted.widgetId)) throw errors.NOT_FOUND({ kind: 'widget' });
        const edit = (widget: Widget): Widget => ({
          ...widget,
          name: wanted.name ?? widget.name,
          widgetType: wanted.widgetType ?? widget.widgetType,
          position: wanted.position ?? widget.position,
          dataSource: wanted.dataSource ?? widget.dataSource,
          config: wanted.config ?? widget.config,
        });
        return { ...document, widgets: document.widgets.map((widget) => (widget.id === wanted.widgetId ? edit(widget) : widget)) };
      },
    });
    return pick(dashboard, wanted.widgetId);
  }

  async remove(caller: Caller, { dashboardId, widgetId }: { dashboardId: string; widgetId: string }): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    return this.parts.dashboards.change(caller, {
      id: dashboardId,
      what: 'widget removed',
      apply: (document) => {
        const widgets = document.widgets.filter(({ id }) => id !== widgetId);
        if (widgets.length === document.widgets.length) throw errors.NOT_FOUND({ kind: 'widget' });
        return { ...document, widgets };
      },
    });
  }

  async layOut(caller: Caller, input: unknown): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const wanted = readInput(layoutRules, input);
    const places = new Map(wanted.positions.map((entry) => [entry.widgetId, entry.position]));
    return this.parts.dashboards.change(caller, {
      id: wanted.dashboardId,
      what: 'layout changed',
      expectedVersion: wanted.expectedVersion,
      apply: (document) => {
        const foreign = [...places.keys()].find((id) => !document.widgets.some((widget) => widget.id === id));
        if (foreign) throw errors.NOT_FOUND({ kind: 'widget' }, { field: 'positions' });
        return {
          ...document,
          widgets: document.widgets.map((widget) => ({ ...widget, position: places.get(widget.id) ?? widget.position })),
        };
      },
    });
  }

  /** In the order of the ids, null for what is not there or not for the caller. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(WidgetWithDashboard | null)[]> {
    policy.require(caller, 'dashboard:read');
    if (ids.length === 0) return [];
    const owners = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.dashboardsOfWidgets(tx, caller.tenantId, ids));
    const dashboardIds = [...new Set(owners.map(({ dashboard_id }) => dashboard_id))];
    const dashboards = dashboardIds.length > 0 ? await this.parts.dashboards.findMany(caller, dashboardIds) : [];
    const found = new Map(
      dashboards.flatMap((dashboard) => dashboard?.widgets.map((widget) => [widget.id, { widget, dashboard }] as const) ?? []),
    );
    return ids.map((id) => found.get(id) ?? null);
  }
}

const pick = (dashboard: Dashboard, id: string): WidgetWithDashboard => ({
  dashboard,
  widget: dashboard.widgets.find((widget) => widget.id === id)!,
});
