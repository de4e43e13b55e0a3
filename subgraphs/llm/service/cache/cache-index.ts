import type { Database } from '#platform/db';
import type { Logger } from '#platform/telemetry';

import type { CacheIndexRow, CacheStore } from '../../store/cache.store';
import type { LlmTables } from '../../store/rows';
import { hardTerms } from './similarity';

export interface IndexEntry {
  readonly scope: string;
  readonly terms: string;
  readonly embedding: readonly number[] | null;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What may be in the cache of a tenant, by key, oldest first. */
export type CacheEntries = ReadonlyMap<string, IndexEntry>;

export interface CacheIndexDeps {
  readonly db: Database<LlmTables>;
  readonly store: Pick<CacheStore, 'index'>;
  readonly logger: Logger;
  /** Another process's new answers are found after this. @default 30_000 */
  readonly freshMs?: number;
  /** Rows of one query: the embedded database serves nobody else meanwhile. @default 250 */
  readonly pageRows?: number;
}

interface Known {
  readonly entries: Map<string, IndexEntry>;
  readAt: number;
  reading: Promise<void> | null;
}

const mostEntries = 5_000;
const mostTenants = 500;

/** What this process knows of the cached answers of each tenant, so that a miss costs no query. */
export class CacheIndex {
  private readonly tenants = new Map<string, Known>();

  constructor(private readonly deps: CacheIndexDeps) {}

  /** Waits for the first reading only; later ones go on behind the caller's back. */
  async entriesOf(tenantId: string): Promise<CacheEntries> {
    let known = this.tenants.get(tenantId);
    if (!known) {
      known = { entries: new Map(), readAt: 0, reading: null };
      if (this.tenants.size >= mostTenants) this.tenants.delete(this.tenants.keys().next().value!);
      this.tenants.set(tenantId, known);
    }
    const isFirst = known.readAt === 0;
    if (Date.now() - known.readAt > (this.deps.freshMs ?? 30_000)) known.reading ??= this.read(tenantId, known);
    if (isFirst) await known.reading;
    return known.entries;
  }

  /** Of a tenant that was never asked for, nothing: its first reading finds it. */
  remember(tenantId: string, row: CacheIndexRow): void {
    const known = this.tenants.get(tenantId);
    if (known) put(known.entries, row);
  }

  forget(tenantId: string, key: string): void {
    this.tenants.get(tenantId)?.entries.delete(key);
  }

  forgetAll(tenantId: string): void {
    this.tenants.delete(tenantId);
  }

  private async read(tenantId: string, known: Known): Promise<void> {
    try {
      for (const row of (await this.newRows(tenantId, known.entries)).reverse()) put(known.entries, row);
    } catch (error) {
      this.deps.logger.warn({ event: 'llm.cache_index_failed', err: error }, 'the cache index could not be read');
    }
    known.readAt = Date.now();
    known.reading = null;
  }

  /** Newest first, page by page, until one has nothing new, and no answer that was cached anew: what is older was read before. */
  private async newRows(tenantId: string, entries: CacheEntries): Promise<CacheIndexRow[]> {
    const { db, store, pageRows = 250 } = this.deps;
    const rows: CacheIndexRow[] = [];
    while (rows.length < mostEntries) {
      const page = await db.inTenant(tenantId, (tx) => store.index(tx, tenantId, { before: rows.at(-1) ?? null, limit: pageRows }));
      rows.push(...page);
      if (page.length < pageRows || page.every((row) => entries.get(row.key)?.expiresAt === row.expires_at.getTime())) break;
    }
    return rows;
  }
}

/** The newest are put last: the first is what is given up for another. */
function put(entries: Map<string, IndexEntry>, { key, scope, question, embedding, expires_at: expiresAt }: CacheIndexRow): void {
  entries.delete(key);
  if (entries.size >= mostEntries) entries.delete(entries.keys().next().value!);
  entries.set(key, { scope, terms: hardTerms(question), embedding, expiresAt: expiresAt.getTime() });
}
