import { createHash } from 'node:crypto';

import { connect, Session, type Connection } from '@lancedb/lancedb';

import { errors } from '#platform/errors';

import type { Embedder } from '../embedding';

import { fuse } from './fusion';
import type { EntryWithVector } from './row-batch';
import { SearchTable, type Found } from './search-table';
import {
  collections,
  type Generation,
  type IndexEntry,
  type IndexHit,
  type IndexQuery,
  type RankedHit,
  type Ranking,
  type Shelf,
} from './types';

export interface SearchIndexOptions {
  /** Folder, or object-store URI. */
  readonly location: string;
  readonly embedder: Embedder;
  /** The encoder of an earlier generation, where it can still be asked. */
  readonly former?: (generation: Generation) => Embedder | null;
}

/** One thing and everything that is searchable of it. */
export interface Owned {
  readonly ownerId: string;
  readonly entries: readonly IndexEntry[];
}

/** How many each half of a search ranks. */
const depth = 400;

/** What the index keeps in memory of its files, over all tenants; its own default is 7 GB. */
const indexCacheBytes = 268_435_456n;
const metadataCacheBytes = 67_108_864n;

/** Writes between two rounds of optimisation of one table, and at least this share of it. */
const optimiseEvery = 500;
const optimiseShare = 0.1;

/**
 * The index of all tenants. A tenant's collection is a table of its own, so that no filter stands between tenants; the model's id is
 * part of the table's name, so that a new model fills a new table while the old one answers.
 */
export class SearchIndex {
  private readonly tables = new Map<string, Promise<SearchTable>>();
  private readonly writes = new Map<string, number>();
  private readonly formerEmbedders = new Map<string, Embedder | null>();
  private connection: Promise<Connection> | undefined;

  constructor(private readonly options: SearchIndexOptions) {}

  /** What is written by default, and what every tenant is to be served from. */
  get wanted(): Generation {
    const { model, dimension } = this.options.embedder;
    return { model, dimension };
  }

  /** Whether texts and queries can be turned into vectors of this generation here. */
  canEmbed(generation: Generation): boolean {
    return this.embedderOf(generation) !== null;
  }

  /**
   * Adds or replaces entries. All are embedded before the first is written: a model that fails half-way leaves the index as it was.
   * Where the model is gone, entries are kept for the words alone.
   */
  async put(shelf: Shelf, given: readonly IndexEntry[], signal?: AbortSignal): Promise<void> {
    if (given.length === 0) return;
    // An upsert refuses two rows of one id: two measures of one name, say.
    const entries = [...new Map(given.map((entry) => [entry.id, entry])).values()];
    const generation = shelf.generation ?? this.wanted;
    const embedder = this.embedderOf(generation);
    const texts = entries.map(({ title, content }) => `${title}. ${content}`);
    const vectors = embedder ? await embedder.embed(texts, signal) : texts.map(() => new Float32Array(generation.dimension));
    const table = await this.table(shelf);
    await table.upsert(entries.map((entry, place): EntryWithVector => ({ ...entry, vector: vectors[place]! })));
    await this.noteWrites(nameOf(shelf, generation), entries.length, table);
  }

  /** Replaces everything of one owner: first the new entries, then what is left of the old, so that a reader never finds less. */
  async replaceOwner(shelf: Shelf, { ownerId, entries }: Owned, signal?: AbortSignal): Promise<void> {
    await this.put(shelf, entries, signal);
    const table = await this.table(shelf);
    await table.removeOwners(
      [ownerId],
      entries.map(({ id }) => id),
    );
  }

  async removeOwner(shelf: Shelf, ownerId: string): Promise<void> {
    await (await this.table(shelf)).removeOwners([ownerId]);
  }

  /**
   * Best first, over several shelves at once; each half ranks its best `depth`, however little is shown, so that pages fit together.
   * Where the model cannot be reached, a hybrid search is by words alone and a search by meaning throws SERVICE_UNAVAILABLE.
   */
  async rank(shelves: readonly Shelf[], query: IndexQuery, signal?: AbortSignal): Promise<Ranking> {
    const vectors = new Map<string, Promise<Float32Array | null>>();
    const vectorFor = (generation: Generation): Promise<Float32Array | null> => {
      const known = vectors.get(generation.model) ?? this.vectorOf(query, generation, signal);
      vectors.set(generation.model, known);
      return known;
    };
    let isWhole = true;
    const found = await Promise.all(
      shelves.map(async (shelf) => {
        const table = await this.table(shelf);
        const byWords = query.mode === 'vector' ? [] : table.byWords(query, depth);
        const vector = query.mode === 'keyword' ? null : await vectorFor(shelf.generation ?? this.wanted);
        if (!vector && query.mode === 'hybrid') isWhole = false;
        const byVector = vector ? await table.byVector(query, vector, depth) : [];
        const on = ({ id, ownerId, score }: Found) => ({ item: { shelf, id, ownerId }, score });
        return { vector: byVector.map(on), keyword: (await byWords).map(on) };
      }),
    );
    const merged = (half: 'vector' | 'keyword') =>
      found
        .flatMap((one) => one[half])
        // What scores alike has an order of its own, or two pages of one search would not fit together.
        .sort((a, b) => b.score - a.score || (a.item.id < b.item.id ? -1 : 1))
        .slice(0, depth);
    const lists = { vector: merged('vector'), keyword: merged('keyword') };
    const hits = fuse(lists, ({ shelf, id }) => `${shelf.collection}/${id}/${shelf.tenantId}`).map(({ item, vector, keyword, fused }) => ({
      ...item,
      score: fused,
      scores: { vector, keyword, fused },
    }));
    return { hits, mode: isWhole ? query.mode : 'keyword' };
  }

  /** The entries behind a ranking, in its order; what was removed since is left out. */
  async fetch(ranked: readonly RankedHit[]): Promise<IndexHit[]> {
    const byShelf = new Map<Shelf, RankedHit[]>();
    for (const hit of ranked) byShelf.set(hit.shelf, [...(byShelf.get(hit.shelf) ?? []), hit]);
    const fetched = new Map<RankedHit, IndexHit>();
    await Promise.all(
      [...byShelf].map(async ([shelf, hits]) => {
        const entries = await (await this.table(shelf)).entries(hits.map(({ id }) => id));
        const byId = new Map(entries.map((entry) => [entry.id, entry]));
        for (const hit of hits) {
          const entry = byId.get(hit.id);
          if (entry) fetched.set(hit, { ...entry, collection: shelf.collection, score: hit.score, scores: hit.scores });
        }
      }),
    );
    return ranked.flatMap((hit) => fetched.get(hit) ?? []);
  }

  /** Titles of a collection, at most 20,000, for type-ahead. */
  async titles(shelf: Shelf): Promise<readonly string[]> {
    return (await this.table(shelf)).titles(20_000);
  }

  async count(shelf: Shelf): Promise<number> {
    return (await this.table(shelf)).count();
  }

  /** Whether nearness is looked up in an index, rather than by comparing every vector. */
  async isApproximate(shelf: Shelf): Promise<boolean> {
    return (await this.table(shelf)).hasVectorIndex();
  }

  async optimise(shelf: Shelf): Promise<void> {
    await (await this.table(shelf)).optimise();
  }

  /** Removes a tenant's tables of one generation. */
  async drop(tenantId: string, generation: Generation): Promise<void> {
    const connection = await this.connect();
    const existing = await connection.tableNames();
    for (const collection of collections) {
      const name = nameOf({ tenantId, collection }, generation);
      this.tables.delete(name);
      if (existing.includes(name)) await connection.dropTable(name);
    }
  }

  async close(): Promise<void> {
    this.tables.clear();
    const connection = await this.connection?.catch(() => undefined);
    connection?.close();
    await this.options.embedder.close();
    for (const embedder of this.formerEmbedders.values()) await embedder?.close();
  }

  private embedderOf(generation: Generation): Embedder | null {
    const { embedder, former } = this.options;
    if (generation.model === embedder.model) return embedder;
    const known = this.formerEmbedders.get(generation.model);
    if (known !== undefined) return known;
    const found = former?.(generation) ?? null;
    this.formerEmbedders.set(generation.model, found);
    return found;
  }

  private async vectorOf({ mode, text }: IndexQuery, generation: Generation, signal?: AbortSignal): Promise<Float32Array | null> {
    const embedder = this.embedderOf(generation);
    try {
      if (!embedder) throw errors.SERVICE_UNAVAILABLE({}, { cause: `the model ${generation.model} is no longer configured` });
      return (await embedder.embed([text], signal))[0]!;
    } catch (error) {
      if (mode === 'vector' || signal?.aborted) throw error;
      return null;
    }
  }

  private connect(): Promise<Connection> {
    // What another process wrote is seen within a second; own writes at once.
    this.connection ??= connect(this.options.location, { readConsistencyInterval: 1 }, new Session(indexCacheBytes, metadataCacheBytes));
    this.connection.catch(() => (this.connection = undefined));
    return this.connection;
  }

  private table(shelf: Shelf): Promise<SearchTable> {
    const generation = shelf.generation ?? this.wanted;
    const name = nameOf(shelf, generation);
    const known = this.tables.get(name);
    if (known) return known;
    const opening = this.connect().then((connection) => SearchTable.open(connection, name, generation));
    this.tables.set(name, opening);
    opening.catch(() => this.tables.delete(name));
    return opening;
  }

  private async noteWrites(name: string, count: number, table: SearchTable): Promise<void> {
    const total = (this.writes.get(name) ?? 0) + count;
    const due = total >= optimiseEvery && total >= optimiseShare * (await table.count());
    if (due) await table.optimise();
    this.writes.set(name, due ? 0 : total);
  }
}

/** Tenant ids are anything a token may say; a digest is always a table name, and two tenants never share one. */
const nameOf = ({ tenantId, collection }: Shelf, { model }: Generation): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([tenantId, model]))
    .digest('hex')
    .slice(0, 40);
  return `${collection}_${digest}`;
};
