import path from 'node:path';

import type { Database, Log, MigrationFolder } from '#platform/db';
import type { EventLog } from '#platform/events';
import { buildSubgraph, type BuiltSubgraph } from '#platform/graphql';
import type { JobQueue } from '#platform/jobs';

import { createAgentEventSubscription } from './resolvers/agent-event.subscription';
import { AgentResolver } from './resolvers/agent.resolver';
import { ApprovalResolver } from './resolvers/approval.resolver';
import { MessageResolver } from './resolvers/message.resolver';
import { references } from './resolvers/references';
import { RunResolver } from './resolvers/run.resolver';
import { SettingsResolver } from './resolvers/settings.resolver';
import { Message } from './schema/stubs';
import { AgentService } from './service/agent.service';
import { ApprovalService } from './service/approval.service';
import { createHousekeeping } from './service/housekeeping';
import type { DashboardPort, DataPort, Models, PredictionPort, Prices, SearchPort, TrainingPort } from './service/ports';
import { RunService } from './service/run.service';
import { SettingsService } from './service/settings.service';
import { StreamService } from './service/stream.service';
import { dataTools, httpTool, modelTools, workspaceTools, type AnyTool } from './service/tools';
import { rememberTool } from './service/tools/remember-tool';
import { AgentStore } from './store/agent.store';
import { ApprovalStore } from './store/approval.store';
import type { AgentTables } from './store/rows';
import { RunStore } from './store/run.store';
import { SettingsStore } from './store/settings.store';

export type {
  DashboardPort,
  DataAnswer,
  DataPort,
  DataRows,
  Models,
  PredictionPort,
  Prices,
  SearchPort,
  TrainingPort,
} from './service/ports';
export { defineTool, type AnyTool, type Tool, type ToolContext, type ToolResult } from './service/tools';

export const agentsMigrations: MigrationFolder = { name: 'agents', directory: path.join(__dirname, 'store', 'migrations') };

export interface AgentsDeps {
  readonly db: Database;
  readonly log: EventLog;
  readonly jobs: JobQueue;
  readonly logger: Log;
  readonly data: DataPort;
  readonly search?: SearchPort | null;
  readonly dashboards?: DashboardPort | null;
  readonly predictions?: PredictionPort | null;
  readonly training?: TrainingPort | null;
  /** @default no language model: the built-in planner */
  readonly models?: Models | null;
  readonly prices?: Prices;
  /** Lets `http_request` and MCP clients call private addresses. @default false */
  readonly allowPrivateHosts?: boolean;
  /** Tools beside the built-in ones. */
  readonly extraTools?: readonly AnyTool[];
  /** Runs at once in this process. @default 8 */
  readonly concurrency?: number;
  /** A run whose process is gone is taken over after this. @default 15_000 */
  readonly leaseMs?: number;
  /** How long an approval waits for a person. @default 86_400_000 // a day */
  readonly approvalTtlMs?: number;
  /** The longest that a language model may take for one decision. @default 90_000 */
  readonly modelTimeoutMs?: number;
}

export interface AgentsSubgraph extends BuiltSubgraph {
  /** For composition in code and tests; other domains go through the graph. */
  readonly services: {
    readonly agents: AgentService;
    readonly runs: RunService;
    readonly approvals: ApprovalService;
    readonly settings: SettingsService;
    readonly streams: StreamService;
  };
  /** The job queue itself is started by whoever owns it. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createAgentsSubgraph(deps: AgentsDeps): AgentsSubgraph {
  const db = deps.db.withTables<AgentTables>();
  const [agentStore, runStore, approvalStore, settingsStore] = [new AgentStore(), new RunStore(), new ApprovalStore(), new SettingsStore()];
  const settings = new SettingsService({ db, settings: settingsStore });
  const tools = [
    ...dataTools(deps.data),
    ...workspaceTools({ search: deps.search ?? null, dashboards: deps.dashboards ?? null, predictions: deps.predictions ?? null }),
    ...(deps.training ? modelTools(deps.training) : []),
    httpTool({ allowPrivateHosts: deps.allowPrivateHosts ?? false }),
    rememberTool(settings),
    ...(deps.extraTools ?? []),
  ];
  const agents = new AgentService({ db, agents: agentStore, tools });
  const runs = new RunService({
    db,
    agents: agentStore,
    runs: runStore,
    approvals: approvalStore,
    settings: settingsStore,
    jobs: deps.jobs,
    logger: deps.logger,
    data: deps.data,
    models: deps.models ?? null,
    prices: deps.prices ?? (() => 0),
    tools,
    allowPrivateHosts: deps.allowPrivateHosts ?? false,
    concurrency: deps.concurrency ?? 8,
    leaseMs: deps.leaseMs ?? 15_000,
    approvalTtlMs: deps.approvalTtlMs ?? 86_400_000,
    modelTimeoutMs: deps.modelTimeoutMs ?? 90_000,
  });
  const approvals = new ApprovalService({ db, approvals: approvalStore, runs: runStore, runService: runs });
  const streams = new StreamService({ db, runs: runStore, log: deps.log });
  const housekeeping = createHousekeeping({ approvals, logger: deps.logger });
  const AgentEventSubscription = createAgentEventSubscription(streams, runs);
  const built = buildSubgraph({
    name: 'agents',
    resolvers: [AgentResolver, RunResolver, ApprovalResolver, SettingsResolver, MessageResolver, AgentEventSubscription],
    instances: [
      new AgentResolver(agents),
      new RunResolver(runs, agents, streams),
      new ApprovalResolver(approvals, runs),
      new SettingsResolver(settings),
      new MessageResolver(runs),
      new AgentEventSubscription(),
    ],
    references: references({ agents, runs, approvals }),
    // Only its own fields mention it: other subgraphs lead here.
    orphanedTypes: [Message],
  });
  return {
    ...built,
    services: { agents, runs, approvals, settings, streams },
    start: async () => housekeeping.start(),
    stop: () => housekeeping.stop(),
  };
}
