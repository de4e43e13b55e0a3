import type { SessionRow } from '../store/rows';

export const sessionStatuses = ['active', 'expired', 'closed', 'archived'] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

export interface Session {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly title: string;
  readonly sourceId: string | null;
  readonly status: SessionStatus;
  readonly messageCount: number;
  readonly branchedFrom: string | null;
  readonly isBusy: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly lastActivityAt: Date;
}

export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  tenantId: row.tenant_id,
  userId: row.user_id,
  title: row.title,
  sourceId: row.source_id,
  status: row.status as SessionStatus,
  messageCount: row.message_count,
  branchedFrom: row.branched_from,
  isBusy: row.active_run_id !== null && row.lease_until !== null && row.lease_until.getTime() > Date.now(),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  lastActivityAt: row.last_activity_at,
});
