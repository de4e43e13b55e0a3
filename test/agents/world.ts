import { createMemoryEventLog, startOutboxRelay, type EventLog } from '#platform/events';
import type { Caller } from '#platform/auth';
import { createJobQueue } from '#platform/jobs';
import { silentLogger } from '#platform/telemetry';

import { agentsMigrations, createAgentsSubgraph, type AgentsDeps, type AgentsSubgraph, type DashboardPort } from '../../subgraphs/agents';
import { ShopAnalyst, shopData } from '../../bench/chat/shop-analyst';
import { testDatabase, type TestDatabase } from '../kit/database';

/** Dashboards that only count what was made. */
export class CountingDashboards implements DashboardPort {
  readonly made: { name: string; key: string; caller: Caller; widgets: number }[] = [];

  async list() {
    return this.made.map(({ name }, i) => ({ id: `dash-${i}`, name }));
  }

  async create(caller: Caller, { name, idempotencyKey, widgets }: Parameters<DashboardPort['create']>[1]) {
    this.made.push({ name, key: idempotencyKey, caller, widgets: widgets.length });
    return { id: `dash-${this.made.length}`, name };
  }
}

export interface AgentsWorld extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly log: EventLog;
  readonly agents: AgentsSubgraph;
  readonly dashboards: CountingDashboards;
  readonly analyst: ShopAnalyst;
  /** As if this instance had gone. */
  stopJobs(): Promise<void>;
}

/** An agents domain on a real database, job queue, outbox and log. */
export async function agentsWorld(deps: Partial<AgentsDeps> = {}): Promise<AgentsWorld> {
  const [db, analyst] = await Promise.all([testDatabase([agentsMigrations]), ShopAnalyst.open()]);
  const log = createMemoryEventLog();
  const relay = startOutboxRelay({ db, log });
  const jobs = createJobQueue({ db });
  const dashboards = new CountingDashboards();
  const agents = createAgentsSubgraph({
    db,
    log,
    jobs,
    logger: silentLogger,
    data: shopData(analyst),
    dashboards,
    allowPrivateHosts: true,
    ...deps,
  });
  await jobs.start();
  return {
    db,
    log,
    agents,
    dashboards,
    analyst,
    stopJobs: () => jobs.stop(),
    async [Symbol.asyncDispose]() {
      await agents.stop();
      await jobs.stop();
      await relay.stop();
      await log.close();
      await db.close();
      analyst.close();
    },
  };
}
