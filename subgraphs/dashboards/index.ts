import path from 'node:path';

import type { RequestHandler } from 'express';

import type { Database, MigrationFolder } from '#platform/db';
import type { EventLog } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { Cron, JobQueue } from '#platform/jobs';

import { createDashboardChangedSubscription } from './resolvers/dashboard-changed.subscription';
import { DashboardResolver } from './resolvers/dashboard.resolver';
import { embedPage } from './resolvers/embed-page';
import { dashboardLoader, widgetLoader } from './resolvers/loaders';
import { toAlert, toDashboard, toWidget } from './resolvers/present';
import { SharingResolver } from './resolvers/sharing.resolver';
import { WatchResolver } from './resolvers/watch.resolver';
import { WidgetResolver } from './resolvers/widget.resolver';
import { AccessControl } from './service/dashboard/access';
import { DashboardService } from './service/dashboard/dashboard.service';
import { HistoryService } from './service/dashboard/history.service';
import { WidgetService } from './service/dashboard/widget.service';
import { SourceVersions } from './service/data/source-versions';
import { WidgetCache } from './service/data/widget-cache';
import { WidgetDataService } from './service/data/widget-data.service';
import type { QueryRunner, WidgetRows } from './service/ports';
import { createChartRenderer } from './service/render/chart-renderer';
import { ExportService } from './service/render/export.service';
import { SharingService } from './service/sharing/sharing.service';
import { StreamService } from './service/stream.service';
import { TemplateService } from './service/templates/template.service';
import { AlertService } from './service/watch/alert.service';
import { createMessenger, type MessengerOptions } from './service/watch/messenger';
import { ScheduleService } from './service/watch/schedule.service';
import { DashboardStore } from './store/dashboard.store';
import type { DashboardTables } from './store/rows';
import { SharingStore } from './store/sharing.store';
import { WatchStore } from './store/watch.store';

export type { QueryRunner, SourceOutline, WidgetQuery, WidgetRows } from './service/ports';

export const dashboardMigrations: MigrationFolder = { name: 'dashboards', directory: path.join(__dirname, 'store', 'migrations') };

export interface DashboardDependencies {
  readonly db: Database;
  readonly log: EventLog;
  readonly jobs: JobQueue;
  readonly cron: Cron;
  readonly runner: QueryRunner;
  /** Signs read-only links. */
  readonly linkSecret: string;
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  readonly allowPrivateHosts: boolean;
  /** How messages are tried again. */
  readonly delivery?: Pick<MessengerOptions, 'attempts' | 'backoffMs'>;
}

export interface DashboardSubgraph extends BuiltSubgraph {
  readonly services: {
    readonly dashboards: DashboardService;
    readonly widgets: WidgetService;
    readonly data: WidgetDataService;
    readonly exports: ExportService;
    readonly sharing: SharingService;
    readonly alerts: AlertService;
    readonly schedules: ScheduleService;
    readonly history: HistoryService;
    readonly templates: TemplateService;
  };
  /** The page behind a link, to be mounted at `/embed`. */
  readonly embed: RequestHandler;
  close(): Promise<void>;
}

/** The dashboards domain: dashboards, widgets and their data, sharing, exports, alerts, reports. */
export function createDashboardSubgraph(deps: DashboardDependencies): DashboardSubgraph {
  const db = deps.db.withTables<DashboardTables>();
  const [store, sharingStore, watchStore] = [new DashboardStore(), new SharingStore(), new WatchStore()];
  const access = new AccessControl(store, sharingStore);
  const { runner } = deps;

  const dashboards = new DashboardService({ db, dashboards: store, sharing: sharingStore, access });
  const widgets = new WidgetService({ dashboards, db, store });
  const data = new WidgetDataService({
    dashboards,
    runner,
    cache: new WidgetCache<WidgetRows>(),
    versions: new SourceVersions(runner),
  });
  const renderer = createChartRenderer();
  const exports = new ExportService({ dashboards, data, renderer });
  const history = new HistoryService({ db, store, access, dashboards });
  const sharing = new SharingService({ db, store: sharingStore, access, dashboards, data, secret: deps.linkSecret });
  const templates = new TemplateService({ dashboards, runner });
  const messenger = createMessenger({
    ...deps.delivery,
    smtpUrl: deps.smtpUrl,
    mailFrom: deps.mailFrom,
    allowPrivateHosts: deps.allowPrivateHosts,
  });
  const watching = { db, store: watchStore, cron: deps.cron, jobs: deps.jobs, messenger };
  const alerts = new AlertService({ ...watching, widgets, runner });
  const schedules = new ScheduleService({ ...watching, dashboards, exports });
  alerts.work();
  schedules.work();

  const streams = new StreamService({ log: deps.log, dashboards });
  const Changed = createDashboardChangedSubscription(streams, dashboards);
  const built = buildSubgraph({
    name: 'dashboards',
    resolvers: [DashboardResolver, WidgetResolver, SharingResolver, WatchResolver, Changed],
    instances: [
      new DashboardResolver(dashboards, history, templates),
      new WidgetResolver({ widgets, dashboards, data, exports }),
      new SharingResolver(sharing, history),
      new WatchResolver(alerts, schedules),
      new Changed(),
    ],
    references: {
      Dashboard: async ({ id }, context) => {
        const dashboard = await dashboardLoader(dashboards, context).load(id);
        return dashboard ? toDashboard(dashboard) : null;
      },
      Widget: async ({ id }, context) => {
        const found = await widgetLoader(widgets, context).load(id);
        return found ? toWidget(found.widget, found.dashboard.id) : null;
      },
      Alert: async ({ id }, { caller }) => toAlert(await alerts.find(caller, id)),
      Schedule: async ({ id }, { caller }) => schedules.find(caller, id),
    },
  });
  return {
    ...built,
    services: { dashboards, widgets, data, exports, sharing, alerts, schedules, history, templates },
    embed: embedPage(sharing, renderer),
    close: () => renderer.close(),
  };
}
