import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { json, newId, type Database, type Tx } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox } from '#platform/events';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import type { DashboardStore, StoredDashboard } from '../../store/dashboard.store';
import type { DashboardTables } from '../../store/rows';
import type { SharingStore, StoredShare } from '../../store/sharing.store';
import { dashboardEvents, dashboardTopic, type DashboardChangedEvent } from '../events';
import { policy } from '../policy';

import { accessTo, viewerOf, type AccessControl } from './access';
import { diff } from './diff';
import { checkLayout } from './layout';
import { filters, maxWidgets, tags, visibilities, type Dashboard, type DashboardDocument } from './model';
import { RecentReads } from './recent-reads';

const name = z.string().trim().min(1, 'it must not be empty').max(200, 'it must have at most 200 characters');
const fields = {
  description: z.string().max(5_000).nullish(),
  visibility: z.enum(visibilities).nullish(),
  tags: tags.nullish(),
  filters: filters.nullish(),
};
const createRules = z.object({ name, ...fields });
const updateRules = z.object({ dashboardId: z.string(), expectedVersion: z.number().int().nullish(), name: name.nullish(), ...fields });
const sorts = ['updated_at', 'created_at', 'name'] as const;
const listRules = z.object({
  visibility: z.enum(visibilities).nullish(),
  tag: z.string().nullish(),
  q: z.string().max(200).nullish(),
  sort: z.enum(sorts).nullish(),
  deleted: z.boolean().nullish(),
});

/** A deleted dashboard can be restored for this long. */
export const restorableMs = 30 * 86_400_000;

export interface DashboardServiceParts {
  readonly db: Database<DashboardTables>;
  readonly dashboards: DashboardStore;
  readonly sharing: SharingStore;
  readonly access: AccessControl;
}

/** How a change is made: from the document as it is now to the one wanted. */
export interface Change {
  readonly id: string;
  /** For people: `widget added`. */
  readonly what: string;
  readonly needs?: 'edit' | 'own';
  readonly expectedVersion?: number | null;
  apply(document: DashboardDocument): DashboardDocument;
  /** More writes of the same transaction. */
  readonly also?: (tx: Tx<DashboardTables>) => Promise<void>;
}

interface Read {
  readonly row: StoredDashboard;
  readonly shares: readonly StoredShare[];
  readonly dashboard: Dashboard;
}

const keyOf = (tenantId: string, id: string): string => JSON.stringify([tenantId, id]);

export class DashboardService {
  private readonly recent = new RecentReads<Read | null>();

  constructor(private readonly parts: DashboardServiceParts) {}

  async create(caller: Caller, input: unknown): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const wanted = readInput(createRules, input);
    const document: DashboardDocument = {
      name: wanted.name,
      description: wanted.description ?? null,
      visibility: wanted.visibility ?? 'private',
      tags: wanted.tags ?? [],
      filters: wanted.filters ?? [],
      widgets: [],
    };
    return this.insert(caller, document, 'created');
  }

  /** Stores a whole document as a new dashboard of the caller: for create, clone, import and templates. Internal: permission was checked. */
  insert(caller: Caller, document: DashboardDocument, what: string): Promise<Dashboard> {
    checkDocument(document);
    const id = newId('dash');
    // Of this clock, in milliseconds: cursors carry no finer time, and the database's microseconds would be skipped by them.
    const now = new Date();
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.dashboards.insert(tx, {
        tenant_id: caller.tenantId,
        id,
        version: 1,
        name: document.name,
        visibility: document.visibility,
        tags: [...document.tags],
        owner_id: caller.userId,
        document: json(document),
        created_at: now,
        updated_at: now,
        deleted_at: null,
      });
      await this.record(tx, caller, { id, version: 1, what, before: null, after: document });
      return toDashboard(row);
    });
  }

  async find(caller: Caller, id: string): Promise<Dashboard> {
    policy.require(caller, 'dashboard:read');
    return this.parts.db.inTenant(caller.tenantId, async (tx) =>
      toDashboard(await this.parts.access.require(tx, caller, { id, needs: 'view' })),
    );
  }

  /**
   * As `find`, for those who only look: what was read here within the last second is not read again. A change that this process makes
   * is seen at once, one of another process within that second.
   */
  async findToShow(caller: Caller, id: string): Promise<Dashboard> {
    policy.require(caller, 'dashboard:read');
    const { tenantId } = caller;
    const found = await this.recent.read(keyOf(tenantId, id), () =>
      this.parts.db.inTenant(tenantId, async (tx) => {
        const row = await this.parts.dashboards.find(tx, tenantId, id);
        if (!row || row.deleted_at) return null;
        return { row, shares: await this.parts.sharing.shares(tx, tenantId, [id]), dashboard: toDashboard(row) };
      }),
    );
    if (!found || accessTo(caller, found.row, found.shares) === 'none') throw errors.NOT_FOUND({ kind: 'dashboard' });
    return found.dashboard;
  }

  /** In the order of the ids, null for what is not there or not for the caller. One query for all. */
  async findMany(caller: Caller, ids: readonly string[]): Promise<(Dashboard | null)[]> {
    policy.require(caller, 'dashboard:read');
    if (ids.length === 0) return [];
    const [rows, shares] = await this.parts.db.inTenant(caller.tenantId, async (tx) => [
      await this.parts.dashboards.findMany(tx, caller.tenantId, ids),
      await this.parts.sharing.shares(tx, caller.tenantId, ids),
    ]);
    const visible = rows.filter(
      (row) =>
        !row.deleted_at &&
        accessTo(
          caller,
          row,
          shares.filter(({ dashboard_id }) => dashboard_id === row.id),
        ) !== 'none',
    );
    const byId = new Map(visible.map((row) => [row.id, toDashboard(row)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async list(caller: Caller, args: PageArgs, input: unknown): Promise<Connection<Dashboard>> {
    policy.require(caller, 'dashboard:read');
    const wanted = readInput(listRules, input);
    const filter = { ...wanted, sort: wanted.sort ?? ('updated_at' as const), deleted: wanted.deleted ?? false };
    const scope = `dashboards:${caller.tenantId}:${filter.sort}`;
    const page = readPage(args, scope);
    const { rows, total } = await this.parts.db.inTenant(caller.tenantId, (tx) =>
      this.parts.dashboards.list(tx, viewerOf(caller), { filter, page }),
    );
    const keyOf = (dashboard: Dashboard): (string | number)[] => {
      const value = { updated_at: dashboard.updatedAt.toISOString(), created_at: dashboard.createdAt.toISOString(), name: dashboard.name }[
        filter.sort
      ];
      return [value, dashboard.id];
    };
    return toConnection({ items: rows.map(toDashboard), page, scope, keyOf, totalCount: total });
  }

  async update(caller: Caller, input: unknown): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    const wanted = readInput(updateRules, input);
    return this.change(caller, {
      id: wanted.dashboardId,
      what: 'settings changed',
      expectedVersion: wanted.expectedVersion,
      apply: (document) => ({
        ...document,
        name: wanted.name ?? document.name,
        description: wanted.description === undefined ? document.description : wanted.description,
        visibility: wanted.visibility ?? document.visibility,
        tags: wanted.tags ?? document.tags,
        filters: wanted.filters ?? document.filters,
      }),
    });
  }

  /**
   * One change of one dashboard. The row is locked and the change applied to what is there now, so two editors who change different
   * things both keep theirs; who states the version they saw gets PRECONDITION_FAILED instead when it is not the present one.
   */
  change(caller: Caller, change: Change): Promise<Dashboard> {
    return this.writing(caller, change.id, async (tx) => {
      const row = await this.parts.access.require(tx, caller, { id: change.id, needs: change.needs ?? 'edit', lock: true });
      if (change.expectedVersion != null && change.expectedVersion !== row.version) {
        throw errors.PRECONDITION_FAILED(
          { kind: 'dashboard', expected: change.expectedVersion, actual: row.version },
          { details: { expected: change.expectedVersion, actual: row.version } },
        );
      }
      const before = row.document as DashboardDocument;
      const after = change.apply(before);
      // Who sees it is for its owner to decide.
      if (after.visibility !== before.visibility) await this.parts.access.require(tx, caller, { id: change.id, needs: 'own' });
      checkDocument(after);
      await change.also?.(tx);
      if (diff(before, after).length === 0) return toDashboard(row);
      return this.write(tx, caller, { row, what: change.what, before, after });
    });
  }

  async remove(caller: Caller, dashboardId: string, expectedVersion?: number | null): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    return this.writing(caller, dashboardId, async (tx) => {
      const row = await this.parts.access.require(tx, caller, { id: dashboardId, needs: 'own', lock: true });
      await this.parts.dashboards.purge(tx, caller.tenantId, new Date(Date.now() - restorableMs));
      if (expectedVersion != null && expectedVersion !== row.version)
        throw errors.PRECONDITION_FAILED({ kind: 'dashboard', expected: expectedVersion, actual: row.version });
      const deleted = await this.parts.dashboards.update(tx, { ...row, document: json(row.document), deleted_at: new Date() });
      await appendToOutbox(tx, {
        tenantId: caller.tenantId,
        topic: dashboardTopic(caller.tenantId, dashboardId).name,
        type: dashboardEvents.deleted,
        data: { dashboardId },
      });
      return toDashboard(deleted);
    });
  }

  /** Brings back what was deleted less than 30 days ago. */
  async undelete(caller: Caller, dashboardId: string): Promise<Dashboard> {
    policy.require(caller, 'dashboard:write');
    return this.writing(caller, dashboardId, async (tx) => {
      const row = await this.parts.dashboards.lock(tx, caller.tenantId, dashboardId);
      const gone = !row?.deleted_at || Date.now() - row.deleted_at.getTime() > restorableMs;
      if (gone || accessTo(caller, row, []) !== 'own') throw errors.NOT_FOUND({ kind: 'deleted dashboard' });
      const document = row.document as DashboardDocument;
      return this.write(tx, caller, {
        row: { ...row, deleted_at: null },
        what: 'restored after deletion',
        before: document,
        after: document,
      });
    });
  }

  /** A transaction that changes a dashboard; afterwards nobody is shown what was read before. */
  private async writing<Result>(caller: Caller, id: string, work: (tx: Tx<DashboardTables>) => Promise<Result>): Promise<Result> {
    try {
      return await this.parts.db.inTenant(caller.tenantId, work);
    } finally {
      this.recent.forget(keyOf(caller.tenantId, id));
    }
  }

  private async write(
    tx: Tx<DashboardTables>,
    caller: Caller,
    { row, what, before, after }: { row: StoredDashboard; what: string; before: DashboardDocument; after: DashboardDocument },
  ): Promise<Dashboard> {
    const version = row.version + 1;
    const updated = await this.parts.dashboards.update(tx, {
      tenant_id: row.tenant_id,
      id: row.id,
      version,
      name: after.name,
      visibility: after.visibility,
      tags: [...after.tags],
      document: json(after),
      deleted_at: row.deleted_at,
    });
    await this.record(tx, caller, { id: row.id, version, what, before, after });
    return toDashboard(updated);
  }

  private async record(
    tx: Tx<DashboardTables>,
    caller: Caller,
    {
      id,
      version,
      what,
      before,
      after,
    }: { id: string; version: number; what: string; before: DashboardDocument | null; after: DashboardDocument },
  ): Promise<void> {
    const { tenantId, userId } = caller;
    await this.parts.dashboards.replaceWidgets(
      tx,
      { tenantId, dashboardId: id },
      after.widgets.map((widget) => widget.id),
    );
    await this.parts.dashboards.insertVersion(tx, {
      tenant_id: tenantId,
      dashboard_id: id,
      version,
      document: json(after),
      change: what,
      changed_by: userId,
    });
    const data: DashboardChangedEvent = {
      dashboardId: id,
      version,
      changedBy: userId,
      change: what,
      differences: before ? diff(before, after) : [],
    };
    await appendToOutbox(tx, { tenantId, topic: dashboardTopic(tenantId, id).name, type: dashboardEvents.changed, data });
  }
}

function checkDocument({ widgets }: DashboardDocument): void {
  if (widgets.length > maxWidgets) {
    throw errors.INVALID_REQUEST(
      { what: 'widgets', hint: `a dashboard holds at most ${maxWidgets}` },
      { field: 'widgets', details: { limit: 'widgets', value: widgets.length, maximum: maxWidgets } },
    );
  }
  const empty = widgets.find(({ widgetType, dataSource }) => widgetType !== 'text' && !dataSource);
  if (empty)
    throw errors.INVALID_REQUEST(
      { what: `the data source of ${empty.name}`, hint: 'every widget but text needs one' },
      { field: 'dataSource' },
    );
  checkLayout(widgets);
}

export const toDashboard = (row: StoredDashboard): Dashboard => ({
  ...(row.document as DashboardDocument),
  id: row.id,
  tenantId: row.tenant_id,
  ownerId: row.owner_id,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deletedAt: row.deleted_at,
});
