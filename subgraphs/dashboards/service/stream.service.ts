import type { Caller } from '#platform/auth';
import { replayedAs, type EventLog, type LogEvent } from '#platform/events';

import type { DashboardService } from './dashboard/dashboard.service';
import { dashboardEvents, dashboardTopic, type DashboardChangedEvent } from './events';
import { policy } from './policy';

export interface DashboardChange extends DashboardChangedEvent {
  readonly sequence: number;
  readonly timestamp: Date;
}

/** Changes of one dashboard as they happen. */
export class StreamService {
  constructor(private readonly parts: { readonly log: EventLog; readonly dashboards: DashboardService }) {}

  /** From after `after`, or from now on. Ends when the dashboard is deleted or no longer the caller's to see. */
  async *follow(
    caller: Caller,
    { id, after, signal }: { id: string; after?: number | null; signal: AbortSignal },
  ): AsyncGenerator<DashboardChange> {
    policy.require(caller, 'dashboard:read');
    await this.parts.dashboards.find(caller, id);
    const topic = dashboardTopic(caller.tenantId, id);
    const start = after ?? (await this.parts.log.retained(topic)).newest;
    for await (const event of this.parts.log.follow(topic, start, { signal })) {
      if (event.type === dashboardEvents.deleted) return;
      if (event.type !== dashboardEvents.changed) continue;
      const [visible] = await this.parts.dashboards.findMany(caller, [id]);
      if (!visible) return;
      yield replayedAs(event, toChange(event));
    }
  }
}

const toChange = ({ data, sequence, timestamp }: LogEvent): DashboardChange => ({
  ...(data as DashboardChangedEvent),
  sequence,
  timestamp: new Date(timestamp),
});
