import type { Topic } from '#platform/events';

/** What this domain publishes through the outbox; the same events are the log behind `dashboardChanged`. */
export const dashboardEvents = {
  changed: 'dashboard.changed',
  deleted: 'dashboard.deleted',
} as const;

export const dashboardTopic = (tenantId: string, dashboardId: string): Topic => ({ tenantId, name: `dashboard:${dashboardId}` });

export interface DashboardChangedEvent {
  readonly dashboardId: string;
  readonly version: number;
  readonly changedBy: string;
  readonly change: string;
  readonly differences: readonly { readonly path: string; readonly before: unknown; readonly after: unknown }[];
}
