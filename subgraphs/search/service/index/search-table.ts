import { Index, type Connection, type Table } from '@lancedb/lancedb';

import { anyOf, conditionOf } from './filter';
import { columns, schemaOf, toEntry, toTable, type EntryWithVector, type Row } from './row-batch';
import type { Generation, IndexEntry, IndexQuery } from './types';

/** Rows from which a vector index pays; below it every vector is compared, which is exact. */
export const vectorIndexFrom = 20_000;

/** Cells looked into, of about the square root of the rows: 10 % of the vectors at 100,000 rows. */
const probes = 32;

const partitionsFor = (rows: number): number => Math.max(16, Math.round(Math.sqrt(rows)));

export interface Found {
  readonly id: string;
  readonly ownerId: string;
  readonly score: number;
}

const toFound = ({ id, owner_id }: Row, score: number): Found => ({ id, ownerId: owner_id, score });

/** One tenant's entries of one collection, with vectors of one model: a LanceDB table of their own. */
export class SearchTable {
  private constructor(
    private readonly table: Table,
    private readonly generation: Generation,
  ) {}

  static async open(connection: Connection, name: string, generation: Generation): Promise<SearchTable> {
    const names = await connection.tableNames();
    if (names.includes(name)) return new SearchTable(await connection.openTable(name), generation);
    const table = await connection.createEmptyTable(name, schemaOf(generation), { mode: 'create', existOk: true });
    const config = Index.fts({ stem: true, removeStopWords: true, asciiFolding: true, lowercase: true, withPosition: false });
    await table.createIndex('content', { config });
    return new SearchTable(table, generation);
  }

  /** All or nothing: a reader sees every entry of the call or none. */
  async upsert(entries: readonly EntryWithVector[]): Promise<void> {
    if (entries.length === 0) return;
    await this.table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(toTable(entries, this.generation));
  }

  /** Removes what belongs to these owners; of them, keeps the entries named in `except`. */
  async removeOwners(ownerIds: readonly string[], except: readonly string[] = []): Promise<void> {
    if (ownerIds.length === 0) return;
    const kept = except.length > 0 ? ` and not (${anyOf('id', except)})` : '';
    await this.table.delete(`${anyOf('owner_id', ownerIds)}${kept}`);
  }

  /** The best by BM25. Ranking reads ids alone: texts are fetched for the page that is shown. */
  async byWords(query: IndexQuery, limit: number): Promise<Found[]> {
    const words = (query.text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 64).join(' ');
    if (words === '') return [];
    const rows = (await this.table
      .query()
      .fullTextSearch(words, { columns: ['content'] })
      .where(conditionOf(query))
      .select(['id', 'owner_id', '_score'])
      .limit(limit)
      .toArray()) as Row[];
    return rows.map((row) => toFound(row, row._score ?? 0));
  }

  /** Cosine similarity, 1 for the same direction. Exact until there is a vector index, or where `exact` is asked for. */
  async byVector(query: IndexQuery, vector: Float32Array, limit: number): Promise<Found[]> {
    const nearest = this.table.query().nearestTo(vector).distanceType('cosine').nprobes(probes);
    if (query.exact) nearest.bypassVectorIndex();
    const rows = (await nearest.where(conditionOf(query)).select(['id', 'owner_id', '_distance']).limit(limit).toArray()) as Row[];
    return rows.map((row) => toFound(row, 1 - (row._distance ?? 1)));
  }

  /** Those of the ids that are there, in no order. */
  async entries(ids: readonly string[]): Promise<IndexEntry[]> {
    if (ids.length === 0) return [];
    const rows = (await this.table.query().where(anyOf('id', ids)).select(columns).limit(ids.length).toArray()) as Row[];
    return rows.map(toEntry);
  }

  async titles(limit: number): Promise<string[]> {
    const rows = (await this.table.query().select(['title']).where("user_id = ''").limit(limit).toArray()) as Pick<Row, 'title'>[];
    return rows.map(({ title }) => title);
  }

  count(): Promise<number> {
    return this.table.countRows();
  }

  async hasVectorIndex(): Promise<boolean> {
    return (await this.indexes('vector')).length > 0;
  }

  /**
   * Folds recent writes into the indexes. Above the threshold, makes the vector index, and again when the table has outgrown its cells.
   * The cells hold whole vectors: built in seconds where a graph takes minutes, and nothing is lost to compression.
   */
  async optimise(): Promise<void> {
    const rows = await this.table.countRows();
    if (rows >= vectorIndexFrom) {
      const partitions = partitionsFor(rows);
      const outgrown = (name: string): boolean => partitions >= 2 * Number(name.split('_').at(-1));
      const existing = await this.indexes('vector');
      if (existing.every(outgrown)) {
        const config = Index.ivfFlat({ distanceType: 'cosine', numPartitions: partitions });
        await this.table.createIndex('vector', { config, name: `vector_${partitions}` });
        for (const name of existing) await this.table.dropIndex(name);
      }
      // Every query filters by user and every page is fetched by id: without these, by reading those columns whole.
      if ((await this.indexes('user_id')).length === 0) await this.table.createIndex('user_id', { config: Index.bitmap() });
      if ((await this.indexes('id')).length === 0) await this.table.createIndex('id', { config: Index.btree() });
    }
    await this.table.optimize();
  }

  private async indexes(column: string): Promise<string[]> {
    return (await this.table.listIndices()).filter(({ columns: of }) => of.includes(column)).map(({ name }) => name);
  }
}
