import { createMemoryEventLog, startOutboxRelay, type EventLog } from '#platform/events';
import type { Caller } from '#platform/auth';
import { createJobQueue } from '#platform/jobs';
import { silentLogger } from '#platform/telemetry';

import { agentsMigrations, createAgentsSubgraph, type AgentsDeps, type AgentsSubgraph, type DashboardPort } from '../../subgraphs/agents';
import { ShopAnalyst, shopData } from '../../bench/chat/shop-analyst';
import { testDatabase, type TestDatabase } from '../kit/database';
import { until } from '../kit/until';

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

type AgentEvent = Awaited<ReturnType<AgentsSubgraph['services']['streams']['read']>>[number];

export interface AgentsWorld extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly log: EventLog;
  readonly agents: AgentsSubgraph;
  readonly dashboards: CountingDashboards;
  readonly analyst: ShopAnalyst;
  /** What the log holds of a run once it tells of this: events reach the log after the commit that they tell of. */
  told(caller: Caller, runId: string, last: string): Promise<readonly AgentEvent[]>;
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
    told: (caller, runId, last) =>
      until(async () => {
        const events = await agents.services.streams.read(caller, { runId, after: 0, limit: 100 });
        return events.some(({ type }) => type === last) ? events : null;
      }),
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
