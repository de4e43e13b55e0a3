import { createHash } from 'node:crypto';

import { connect, type Connection } from '@lancedb/lancedb';

import type { Embedder } from '../embedding';

import { fuse } from './fusion';
import { SearchTable } from './search-table';
import type { Collection, IndexEntry, IndexHit, IndexQuery } from './types';

export interface SearchIndexOptions {
  /** Folder, or object-store URI. */
  readonly location: string;
  readonly embedder: Embedder;
}

/** One thing and everything that is searchable of it. */
export interface Owned {
  readonly ownerId: string;
  readonly entries: readonly IndexEntry[];
}

/** Writes between two rounds of optimisation of one table. */
const optimiseEvery = 500;

/**
 * The index of all tenants. A tenant's collection is a table of its own, so that no filter stands between tenants; the model's id is
 * part of the table's name, so that a new model fills a new table while the old one answers.
 */
export class SearchIndex {
  private readonly tables = new Map<string, Promise<SearchTable>>();
  private readonly writes = new Map<string, number>();
  private connection: Promise<Connection> | undefined;

  constructor(private readonly options: SearchIndexOptions) {}

  get model(): string {
    return this.options.embedder.model;
  }

  async put(tenantId: string, collection: Collection, given: readonly IndexEntry[], signal?: AbortSignal): Promise<void> {
    if (given.length === 0) return;
    // An upsert refuses two rows of one id: two measures of one name, say.
    const entries = [...new Map(given.map((entry) => [entry.id, entry])).values()];
    const table = await this.table(tenantId, collection);
    const batch = 256;
    for (let start = 0; start < entries.length; start += batch) {
      const part = entries.slice(start, start + batch);
      const vectors = await this.options.embedder.embed(
        part.map(({ title, content }) => `${title}. ${content}`),
        signal,
      );
      await table.upsert(part.map((entry, place) => ({ ...entry, vector: vectors[place]! })));
    }
    await this.noteWrites(`${tenantId}/${collection}`, entries.length, table);
  }

  /** Replaces everything of one owner: first the new entries, then what is left of the old, so that a reader never finds less. */
  async replaceOwner(tenantId: string, collection: Collection, { ownerId, entries }: Owned, signal?: AbortSignal): Promise<void> {
    await this.put(tenantId, collection, entries, signal);
    const table = await this.table(tenantId, collection);
    await table.removeOwners(
      [ownerId],
      entries.map(({ id }) => id),
    );
  }

  async removeOwner(tenantId: string, collection: Collection, ownerId: string): Promise<void> {
    await (await this.table(tenantId, collection)).removeOwners([ownerId]);
  }

  async search(tenantId: string, wanted: readonly Collection[], query: IndexQuery, signal?: AbortSignal): Promise<IndexHit[]> {
    const depth = Math.max(50, query.limit * 3);
    const deep = { ...query, limit: depth };
    const vector = query.mode === 'keyword' ? null : (await this.options.embedder.embed([query.text], signal))[0]!;
    const perCollection = await Promise.all(
      wanted.map(async (collection) => {
        const table = await this.table(tenantId, collection);
        const [byVector, byWords] = await Promise.all([
          vector ? table.byVector(deep, vector) : [],
          query.mode === 'vector' ? [] : table.byWords(deep),
        ]);
        return { collection, byVector, byWords };
      }),
    );
    const tag = (list: 'byVector' | 'byWords') =>
      perCollection
        .flatMap(({ collection, [list]: found }) => found.map(({ item, score }) => ({ item: { ...item, collection }, score })))
        .sort((a, b) => b.score - a.score)
        .slice(0, depth);
    return fuse({ vector: tag('byVector'), keyword: tag('byWords') }, ({ collection, id }) => `${collection}/${id}`)
      .slice(0, query.limit)
      .map(({ item, vector: similarity, keyword, fused }) => ({ ...item, score: fused, scores: { vector: similarity, keyword, fused } }));
  }

  /** Titles of a collection, at most 20,000, for type-ahead. */
  async titles(tenantId: string, collection: Collection): Promise<readonly string[]> {
    return (await this.table(tenantId, collection)).titles(20_000);
  }

  async count(tenantId: string, collection: Collection): Promise<number> {
    return (await this.table(tenantId, collection)).count();
  }

  async optimise(tenantId: string, collection: Collection): Promise<void> {
    await (await this.table(tenantId, collection)).optimise();
  }

  async close(): Promise<void> {
    this.tables.clear();
    const connection = await this.connection?.catch(() => undefined);
    connection?.close();
    await this.options.embedder.close();
  }

  private table(tenantId: string, collection: Collection): Promise<SearchTable> {
    const name = tableName(tenantId, collection, this.options.embedder.model);
    const known = this.tables.get(name);
    if (known) return known;
    this.connection ??= connect(this.options.location);
    const opening = this.connection.then((connection) => SearchTable.open(connection, name, this.options.embedder.dimension));
    this.tables.set(name, opening);
    opening.catch(() => this.tables.delete(name));
    return opening;
  }

  private async noteWrites(key: string, count: number, table: SearchTable): Promise<void> {
    const total = (this.writes.get(key) ?? 0) + count;
    if (total >= optimiseEvery) await table.optimise();
    this.writes.set(key, total >= optimiseEvery ? 0 : total);
  }
}

/** Tenant ids are anything a token may say; a digest is always a table name, and two tenants never share one. */
const tableName = (tenantId: string, collection: Collection, model: string): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenantId, model]))
    .digest('hex')
    .slice(0, 40);
  return `${collection}_${digest}`;
};
