import type { Database, Log } from '#platform/db';

import type { AgentStore } from '../../store/agent.store';
import type { ApprovalStore } from '../../store/approval.store';
import type { AgentTables } from '../../store/rows';
import type { RunStore } from '../../store/run.store';
import type { SettingsStore } from '../../store/settings.store';
import type { DataPort, Models, Prices } from '../ports';
import type { AnyTool } from '../tools';

export interface RunDeps {
  readonly db: Database<AgentTables>;
  readonly agents: AgentStore;
  readonly runs: RunStore;
  readonly approvals: ApprovalStore;
  readonly settings: SettingsStore;
  readonly logger: Log;
  readonly data: DataPort;
  readonly models: Models | null;
  readonly prices: Prices;
  readonly tools: readonly AnyTool[];
  /** Lets tools call private addresses. */
  readonly allowPrivateHosts: boolean;
  /** How long an approval waits for a person. */
  readonly approvalTtlMs: number;
  /** The longest that a language model may take for one decision. */
  readonly modelTimeoutMs: number;
}

/** Another process holds the run now, or it has ended: stop without writing anything more. */
export class LostRun extends Error {
  override readonly name = 'LostRun';
}
