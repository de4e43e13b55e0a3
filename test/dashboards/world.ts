import type { Database } from '#platform/db';
import { createMemoryEventLog, startOutboxRelay, type EventLog } from '#platform/events';
import { createCron, createJobQueue, type JobQueue } from '#platform/jobs';

import {
  createDashboardSubgraph,
  dashboardMigrations,
  type DashboardDependencies,
  type DashboardSubgraph,
} from '../../subgraphs/dashboards';
import { testDatabase } from '../kit/database';

import { Warehouse } from './warehouse';

export interface DashboardWorld extends AsyncDisposable {
  readonly db: Database;
  readonly log: EventLog;
  readonly jobs: JobQueue;
  readonly warehouse: Warehouse;
  readonly subgraph: DashboardSubgraph;
  readonly services: DashboardSubgraph['services'];
  /** Moves the clock of the schedules; jobs that become due start. */
  setTime(now: Date): void;
  /** Starts queue, schedules and the outbox. */
  start(): Promise<void>;
}

/**
 * A dashboards domain on a real database, a real queue and a real DuckDB; only the clock of the schedules can be moved. Given a database,
 * it is one more instance on it.
 */
export async function dashboardWorld(deps: Partial<DashboardDependencies> = {}): Promise<DashboardWorld> {
  const [own, warehouse] = await Promise.all([deps.db ? null : testDatabase([dashboardMigrations]), Warehouse.open()]);
  const db = deps.db ?? own!;
  const log = createMemoryEventLog();
  let movedTo: Date | undefined;
  const clock = (): Date => movedTo ?? new Date();
  const jobs = createJobQueue({ db, pollMs: 50, clock });
  const cron = createCron({ db, jobs, pollMs: 20, clock });
  const delivery = { attempts: 3, backoffMs: 5 };
  const base = {
    db,
    log,
    jobs,
    cron,
    runner: warehouse,
    linkSecret: 'a secret for links',
    mailFrom: 'reports@parley.example',
    allowPrivateHosts: true,
    delivery,
  };
  const subgraph = createDashboardSubgraph({ ...base, ...deps });
  let relay: { stop(): Promise<void> } | undefined;
  return {
    db,
    log,
    jobs,
    warehouse,
    subgraph,
    services: subgraph.services,
    setTime: (now) => void (movedTo = now),
    async start() {
      relay = startOutboxRelay({ db, log, pollMs: 20 });
      await jobs.start();
      await cron.start();
    },
    async [Symbol.asyncDispose]() {
      await cron.stop();
      await jobs.stop();
      await relay?.stop();
      await subgraph.close();
      await log.close();
      await own?.close();
      warehouse.close();
    },
  };
}

export const metric = { name: 'Revenue', widgetType: 'metric', dataSource: { question: 'revenue' } };
export const byRegion = { name: 'By region', widgetType: 'bar_chart', dataSource: { question: 'revenue by region' } };
export const allSales = {
  name: 'Sales',
  widgetType: 'table',
  dataSource: { sql: 'select region, product, amount, sold_at from sales order by sold_at', sourceId: 'sales' },
};
