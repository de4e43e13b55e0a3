import { Index, type Connection, type Table } from '@lancedb/lancedb';
import { Field, FixedSizeList, Float32, Float64, Schema, Utf8 } from 'apache-arrow';

import { anyOf, conditionOf } from './filter';
import type { IndexEntry, IndexQuery } from './types';

/** Rows from which a vector index pays; below it every vector is compared, which is exact. */
export const vectorIndexFrom = 20_000;

export interface EntryWithVector extends IndexEntry {
  readonly vector: Float32Array;
}

interface Row {
  readonly id: string;
  readonly owner_id: string;
  readonly kind: string;
  readonly title: string;
  readonly content: string;
  readonly user_id: string;
  readonly updated_at: number;
  readonly metadata: string;
  readonly _score?: number;
  readonly _distance?: number;
}

const schemaOf = (dimension: number): Schema =>
  new Schema([
    ...['id', 'owner_id', 'kind', 'title', 'content', 'user_id', 'metadata'].map((name) => new Field(name, new Utf8(), false)),
    new Field('updated_at', new Float64(), false),
    new Field('vector', new FixedSizeList(dimension, new Field('item', new Float32(), true)), false),
  ]);

const columns = ['id', 'owner_id', 'kind', 'title', 'content', 'user_id', 'updated_at', 'metadata'];

const toEntry = (row: Row): IndexEntry => ({
  id: row.id,
  ownerId: row.owner_id,
  kind: row.kind,
  title: row.title,
  content: row.content,
  userId: row.user_id || null,
  updatedAt: row.updated_at,
  metadata: JSON.parse(row.metadata) as Record<string, unknown>,
});

/** One tenant's entries of one collection, with vectors of one model: a LanceDB table of their own. */
export class SearchTable {
  private constructor(private readonly table: Table) {}

  static async open(connection: Connection, name: string, dimension: number): Promise<SearchTable> {
    const names = await connection.tableNames();
    if (names.includes(name)) return new SearchTable(await connection.openTable(name));
    const table = await connection.createEmptyTable(name, schemaOf(dimension), { mode: 'create', existOk: true });
    await table.createIndex('content', { config: Index.fts({ stem: true, removeStopWords: true, asciiFolding: true, lowercase: true }) });
    return new SearchTable(table);
  }

  async upsert(entries: readonly EntryWithVector[]): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map(({ id, ownerId, kind, title, content, userId, updatedAt, metadata, vector }) => ({
      id,
      owner_id: ownerId,
      kind,
      title,
      content: `${title}\n${content}`,
      user_id: userId ?? '',
      updated_at: updatedAt,
      metadata: JSON.stringify(metadata),
      vector: Array.from(vector),
    }));
    await this.table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(rows);
  }

  /** Removes what belongs to these owners; of them, keeps the entries named in `except`. */
  async removeOwners(ownerIds: readonly string[], except: readonly string[] = []): Promise<void> {
    if (ownerIds.length === 0) return;
    const kept = except.length > 0 ? ` and not (${anyOf('id', except)})` : '';
    await this.table.delete(`${anyOf('owner_id', ownerIds)}${kept}`);
  }

  async byWords(query: IndexQuery): Promise<{ item: IndexEntry; score: number }[]> {
    const words = (query.text.match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, 64).join(' ');
    if (words === '') return [];
    const rows = (await this.table
      .query()
      .fullTextSearch(words, { columns: ['content'] })
      .where(conditionOf(query))
      .select([...columns, '_score'])
      .limit(query.limit)
      .toArray()) as Row[];
    return rows.map((row) => ({ item: toEntry(row), score: row._score ?? 0 }));
  }

  /** Cosine similarity, 1 for the same direction. */
  async byVector(query: IndexQuery, vector: Float32Array): Promise<{ item: IndexEntry; score: number }[]> {
    const rows = (await this.table
      .query()
      .nearestTo(vector)
      .distanceType('cosine')
      .where(conditionOf(query))
      .select([...columns, '_distance'])
      .limit(query.limit)
      .toArray()) as Row[];
    return rows.map((row) => ({ item: toEntry(row), score: 1 - (row._distance ?? 1) }));
  }

  async titles(limit: number): Promise<string[]> {
    const rows = (await this.table.query().select(['title']).where("user_id = ''").limit(limit).toArray()) as Pick<Row, 'title'>[];
    return rows.map(({ title }) => title);
  }

  count(): Promise<number> {
    return this.table.countRows();
  }

  /** Folds recent writes into the indexes; above the threshold, makes or renews the vector index. */
  async optimise(): Promise<void> {
    const rows = await this.table.countRows();
    const indexed = (await this.table.listIndices()).some(({ columns: of }) => of.includes('vector'));
    if (rows >= vectorIndexFrom && !indexed) {
      await this.table.createIndex('vector', { config: Index.hnswSq({ distanceType: 'cosine' }) });
    }
    await this.table.optimize();
  }
}
