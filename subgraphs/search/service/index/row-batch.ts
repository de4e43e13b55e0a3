import {
  Field,
  FixedSizeList,
  Float32,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
  type Data,
} from 'apache-arrow';

import type { Generation, IndexEntry } from './types';

export interface EntryWithVector extends IndexEntry {
  readonly vector: Float32Array;
}

/** A row as the index gives it back. */
export interface Row {
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

const texts = ['id', 'owner_id', 'kind', 'title', 'content', 'user_id', 'metadata'] as const;

export const columns = [...texts, 'updated_at'];

/** The model's name is part of the table, the dimension of the vector's type: both travel with every vector. */
export const schemaOf = ({ model, dimension }: Generation): Schema =>
  new Schema(
    [
      ...texts.map((name) => new Field(name, new Utf8(), false)),
      new Field('updated_at', new Float64(), false),
      new Field('vector', new FixedSizeList(dimension, new Field('item', new Float32(), true)), false),
    ],
    new Map([['parley.model', model]]),
  );

/** Columns built as they are stored: rows of JavaScript objects would take ten times as long. */
export function toTable(entries: readonly EntryWithVector[], generation: Generation): Table {
  const schema = schemaOf(generation);
  const { dimension } = generation;
  const vectors = new Float32Array(entries.length * dimension);
  entries.forEach(({ vector }, place) => vectors.set(vector, place * dimension));
  const text = (values: readonly string[]): Data => vectorFromArray(values, new Utf8()).data[0]!;
  const child = makeData({ type: new Float32(), length: vectors.length, nullCount: 0, data: vectors });
  const children: Data[] = [
    text(entries.map(({ id }) => id)),
    text(entries.map(({ ownerId }) => ownerId)),
    text(entries.map(({ kind }) => kind)),
    text(entries.map(({ title }) => title)),
    text(entries.map(({ title, content }) => `${title}\n${content}`)),
    text(entries.map(({ userId }) => userId ?? '')),
    text(entries.map(({ metadata }) => JSON.stringify(metadata))),
    makeData({
      type: new Float64(),
      length: entries.length,
      nullCount: 0,
      data: Float64Array.from(entries, ({ updatedAt }) => updatedAt),
    }),
    makeData({ type: schema.fields.at(-1)!.type as FixedSizeList<Float32>, length: entries.length, nullCount: 0, child }),
  ];
  const data = makeData({ type: new Struct(schema.fields), length: entries.length, nullCount: 0, children });
  return new Table(schema, new RecordBatch(schema, data));
}

export const toEntry = (row: Row): IndexEntry => ({
  id: row.id,
  ownerId: row.owner_id,
  kind: row.kind,
  title: row.title,
  content: row.content,
  userId: row.user_id || null,
  updatedAt: row.updated_at,
  metadata: JSON.parse(row.metadata) as Record<string, unknown>,
});
