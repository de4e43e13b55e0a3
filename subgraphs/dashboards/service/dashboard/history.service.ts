import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { newId, type Database } from '#platform/db';
import { errors, readInput } from '#platform/errors';

import type { DashboardStore, StoredVersion } from '../../store/dashboard.store';
import type { DashboardTables } from '../../store/rows';
import { policy } from '../policy';

import type { AccessControl } from './access';
import type { DashboardService } from './dashboard.service';
import { diff, type Difference } from './diff';
import { config, dataSource, filters, position, tags, visibilities, widgetTypes, type Dashboard, type DashboardDocument } from './model';

export interface VersionView {
  readonly version: number;
  readonly change: string;
  readonly changedBy: string;
  readonly changedAt: Date;
  readonly differences: readonly Difference[];
}

const importedWidget = z.object({
  name: z.string().trim().min(1).max(200),
  widgetType: z.enum(widgetTypes),
  position,
  dataSource: dataSource.nullish(),
  config: config.nullish(),
});
const imported = z.object({
  name: z.string().trim().min(1).max(200),
  description: z.string().max(5_000).nullish(),
  visibility: z.enum(visibilities).nullish(),
  tags: tags.nullish(),
  filters: filters.nullish(),
  widgets: z.array(importedWidget).max(200, 'a dashboard holds at most 200').nullish(),
});

/** Versions of a dashboard, and dashboards made from others: restore, clone, export, import. */
export class HistoryService {
  constructor(
    private readonly parts: {
      readonly db: Database<DashboardTables>;
      readonly store: DashboardStore;
      readonly access: AccessControl;
      readonly dashboards: DashboardService;
    },
  ) {}

  /** Newest first, each with what it changed. */
  async versions(caller: Caller, dashboardId: string): Promise<VersionView[]> {
    policy.require(caller, 'dashboard:read');
    const rows = await this.parts.db.inTenant(caller.tenantId, async (tx) => {
      await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'view' });
      return this.parts.store.versions(tx, caller.tenantId, dashboardId);
    });
    return rows.map((row, place) => toView(row, rows[place + 1]));
  }

  async restore(caller: Caller, { dashboardId, version }: { dashboardId: string; version: number }): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const { tenantId } = caller;
    const old = await this.parts.db.inTenant(tenantId, async (tx) => {
      await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'edit' });
      return this.parts.store.version(tx, { tenantId, dashboardId, version });
    });
    if (!old) throw errors.NOT_FOUND({ kind: 'version of this dashboard' });
    const document = old.document as DashboardDocument;
    // Who may see it is the owner's decision of today, not of then.
    return this.parts.dashboards.change(caller, {
      id: dashboardId,
      what: `version ${version} restored`,
      apply: (present) => ({ ...document, visibility: present.visibility }),
    });
  }

  async clone(caller: Caller, { dashboardId, name }: { dashboardId: string; name?: string | null }): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const original = await this.parts.dashboards.find(caller, dashboardId);
    const { description, tags, filters, widgets } = original;
    const copy: DashboardDocument = {
      name: name?.trim() || `${original.name} (copy)`,
      description,
      visibility: 'private',
      tags,
      filters,
      widgets: widgets.map((widget) => ({ ...widget, id: newId('wdg') })),
    };
    return this.parts.dashboards.insert(caller, copy, `cloned from ${dashboardId}`);
  }

  /** What `import` takes back: the document without ids and owners. */
  async exportDocument(caller: Caller, dashboardId: string): Promise<object> {
    policy.require(caller, 'dashboard:read');
    const { name, description, visibility, tags, filters, widgets } = await this.parts.dashboards.find(caller, dashboardId);
    const portable = widgets.map(({ id: _id, ...widget }) => widget);
    return { format: 'parley.dashboard/1', name, description, visibility, tags, filters, widgets: portable };
  }

  async importDocument(caller: Caller, document: unknown): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    if (JSON.stringify(document ?? null).length > 5_000_000) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: 5_000_000 });
    const wanted = readInput(imported, camelKeys(document));
    return this.parts.dashboards.insert(
      caller,
      {
        name: wanted.name,
        description: wanted.description ?? null,
        visibility: 'private',
        tags: wanted.tags ?? [],
        filters: wanted.filters ?? [],
        widgets: (wanted.widgets ?? []).map((widget) => ({
          ...widget,
          id: newId('wdg'),
          dataSource: widget.dataSource ?? null,
          config: widget.config ?? {},
        })),
      },
      'imported',
    );
  }
}

/** Documents are exported in snake_case; keys of settings and parameters are their writer's own. */
function camelKeys(value: unknown, depth = 0): unknown {
  if (depth > 6 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => camelKeys(item, depth + 1));
  const kept = ['config', 'parameters'];
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      kept.includes(key) ? inner : camelKeys(inner, depth + 1),
    ]),
  );
}

const toView = (row: StoredVersion, before: StoredVersion | undefined): VersionView => ({
  version: row.version,
  change: row.change,
  changedBy: row.changed_by,
  changedAt: row.changed_at,
  differences: before ? diff(before.document as DashboardDocument, row.document as DashboardDocument) : [],
});
