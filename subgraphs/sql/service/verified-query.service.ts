import { z } from 'zod';

import type { Caller } from '#platform/auth';
import { newId, type Database, type Tx } from '#platform/db';
import { errors, readInput } from '#platform/errors';
import { appendToOutbox, type EventBus } from '#platform/events';
import { readPage, toConnection, type Connection, type PageArgs } from '#platform/graphql';

import type { SqlTables } from '../store/rows';
import type { StoredVerifiedQuery, VerifiedQueryStore } from '../store/verified-query.store';

import { sqlEvents } from './events';
import { policy } from './policy';
import type { checkSql } from './guard';
import type { SourceDirectory } from './sources/source-directory';

export interface VerifiedQueryView {
  readonly id: string;
  readonly sourceId: string;
  readonly question: string;
  readonly sql: string;
  readonly status: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}

const createRules = z.object({
  sourceId: z.string(),
  question: z.string().trim().min(1, 'it must not be empty').max(2_000, 'it must have at most 2,000 characters'),
  sql: z.string().min(1, 'it must not be empty').max(100_000),
});

const correctionRules = z.object({
  question: z.string().min(1),
  sourceId: z.string(),
  correctedSql: z.string().min(1),
  userId: z.string(),
});

const view = (row: StoredVerifiedQuery): VerifiedQueryView => ({
  id: row.id,
  sourceId: row.source_id,
  question: row.question,
  sql: row.sql,
  status: row.status,
  createdBy: row.created_by,
  createdAt: row.created_at,
});

export interface VerifiedQueryServiceParts {
  readonly db: Database<SqlTables>;
  readonly store: VerifiedQueryStore;
  readonly directory: SourceDirectory;
  readonly checkSql: typeof checkSql;
}

/** Pairs of question and SQL that a person approved; the first author that a question meets. */
export class VerifiedQueryService {
  constructor(private readonly parts: VerifiedQueryServiceParts) {}

  async list(caller: Caller, args: PageArgs, sourceId?: string): Promise<Connection<VerifiedQueryView>> {
    policy.require(caller, 'verified_query:read');
    const scope = `sql_verified_queries:${caller.tenantId}`;
    const page = readPage(args, scope);
    const all = (await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId, sourceId))).map(view);
    const start = page.after ? all.findIndex(({ id }) => id === page.after![0]) + 1 : page.offset;
    return toConnection({ items: all.slice(start, start + page.limit + 1), page, scope, keyOf: ({ id }) => [id], totalCount: all.length });
  }

  async create(caller: Caller, input: unknown): Promise<VerifiedQueryView> {
    policy.require(caller, 'verified_query:write');
    const { sourceId, question, sql } = readInput(createRules, input);
    await this.requireUsable(caller, { sourceId, sql });
    const id = newId('vq');
    return this.parts.db.inTenant(caller.tenantId, async (tx) => {
      const row = await this.parts.store.insert(tx, {
        tenant_id: caller.tenantId,
        id,
        source_id: sourceId,
        question,
        sql,
        status: 'approved',
        created_by: caller.userId,
      });
      await this.announce(tx, row);
      return view(row);
    });
  }

  /** Makes a candidate, such as a correction from a chat, a verified query. Idempotent. */
  async approve(caller: Caller, id: string): Promise<VerifiedQueryView> {
    policy.require(caller, 'verified_query:write');
    const { tenantId } = caller;
    const candidate = await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.find(tx, tenantId, id));
    if (!candidate) throw errors.NOT_FOUND({ kind: 'verified query' });
    // Nobody has looked at the statement yet but the person who proposed it.
    await this.requireUsable(caller, { sourceId: candidate.source_id, sql: candidate.sql });
    return this.parts.db.inTenant(tenantId, async (tx) => {
      const row = await this.parts.store.approve(tx, tenantId, id);
      if (!row) throw errors.NOT_FOUND({ kind: 'verified query' });
      await this.announce(tx, row);
      return view(row);
    });
  }

  private async requireUsable(caller: Caller, { sourceId, sql }: { readonly sourceId: string; readonly sql: string }): Promise<void> {
    const { catalog } = await this.parts.directory.require(caller, sourceId);
    const checked = await this.parts.checkSql({ sql, dialect: catalog.dialect, catalog });
    if (!checked.ok)
      throw errors.SQL_REJECTED(
        { reason: checked.errors[0]?.message ?? 'it is not allowed here' },
        { field: 'sql', details: { errors: checked.errors } },
      );
  }

  private announce(tx: Tx<SqlTables>, { tenant_id: tenantId, id, source_id: sourceId }: StoredVerifiedQuery): Promise<unknown> {
    const data = { verifiedQueryId: id, sourceId };
    return appendToOutbox(tx, { tenantId, topic: `source:${sourceId}`, type: sqlEvents.verifiedQueryChanged, data });
  }

  /** What people have approved for a source, for those who write SQL. Internal: permission was checked by the service that asks. */
  async examples(caller: Caller, sourceId: string): Promise<readonly { readonly question: string; readonly sql: string }[]> {
    const all = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.list(tx, caller.tenantId, sourceId));
    return all.filter(({ status }) => status === 'approved');
  }

  /** Takes corrections from conversations as candidates, which wait for a person's approval; the event's id makes a repetition harmless. */
  listen(bus: EventBus): void {
    bus.onEvent({
      subscriber: 'sql.corrections',
      types: ['chat.correction.made'],
      handle: ({ id, tenantId, data }) => this.propose(tenantId, { id, data }),
    });
  }

  private async propose(tenantId: string, { id, data }: { id: string; data: unknown }): Promise<void> {
    const correction = correctionRules.safeParse(data);
    if (!correction.success) return;
    const { question, sourceId, correctedSql, userId } = correction.data;
    const candidate = {
      tenant_id: tenantId,
      id: `vq-${id}`,
      source_id: sourceId,
      question,
      sql: correctedSql,
      status: 'candidate',
      created_by: userId,
    };
    await this.parts.db.inTenant(tenantId, (tx) => this.parts.store.insertOnce(tx, candidate));
  }

  async remove(caller: Caller, id: string): Promise<{ id: string }> {
    policy.require(caller, 'verified_query:write');
    const removed = await this.parts.db.inTenant(caller.tenantId, (tx) => this.parts.store.delete(tx, caller.tenantId, id));
    if (!removed) throw errors.NOT_FOUND({ kind: 'verified query' });
    return { id };
  }
}
