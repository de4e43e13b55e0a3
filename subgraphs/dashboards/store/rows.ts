import type { ColumnType, Generated } from 'kysely';

/** Written through `json()` of the kernel, read as a value. */
type Json = ColumnType<unknown, unknown, unknown>;

export interface DashboardRow {
  tenant_id: string;
  id: string;
  version: number;
  name: string;
  visibility: string;
  tags: string[];
  owner_id: string;
  document: Json;
  created_at: Generated<Date>;
  updated_at: Generated<Date>;
  deleted_at: Date | null;
}

export interface WidgetRow {
  tenant_id: string;
  id: string;
  dashboard_id: string;
}

export interface VersionRow {
  tenant_id: string;
  dashboard_id: string;
  version: number;
  document: Json;
  change: string;
  changed_by: string;
  changed_at: Generated<Date>;
}

export interface ShareRow {
  tenant_id: string;
  dashboard_id: string;
  subject_type: string;
  subject_id: string;
  permission: string;
}

export interface LinkRow {
  tenant_id: string;
  id: string;
  dashboard_id: string;
  sharer: Json;
  filters: Json;
  expires_at: Date;
  revoked_at: Date | null;
  created_at: Generated<Date>;
}

export interface AlertRow {
  tenant_id: string;
  id: string;
  name: string;
  definition: Json;
  owner: Json;
  enabled: boolean;
  muted_until: Date | null;
  last_value: number | null;
  last_state: string | null;
  created_at: Generated<Date>;
}

export interface ScheduleRow {
  tenant_id: string;
  id: string;
  dashboard_id: string;
  definition: Json;
  owner: Json;
  enabled: boolean;
  created_at: Generated<Date>;
}

export interface RunRow {
  tenant_id: string;
  id: string;
  subject_id: string;
  due_key: string;
  state: string;
  value: number | null;
  message: string;
  deliveries: Json;
  ran_at: Generated<Date>;
}

export interface DashboardTables {
  dash_dashboards: DashboardRow;
  dash_widgets: WidgetRow;
  dash_versions: VersionRow;
  dash_shares: ShareRow;
  dash_links: LinkRow;
  dash_alerts: AlertRow;
  dash_schedules: ScheduleRow;
  dash_runs: RunRow;
}
