/** The question sets as training examples: linked questions with the summary of their gold query. */
import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { LinkedQuestion } from '../../subgraphs/sql/service/engine/link/types';
import { Linker } from '../../subgraphs/sql/service/engine/link/linker';
import { compileSchema } from '../../subgraphs/sql/service/engine/schema/compile';
import type { Schema } from '../../subgraphs/sql/service/engine/schema/types';
import { draftModel } from '../../subgraphs/sql/service/semantic-model';
import { readLines } from '../eval/questions';
import { introspectSqlite, SqliteDatabase } from '../eval/sqlite';
import { summariseSql } from './gold';
import type { GoldSummary } from './gold';

const line = z.object({
  id: z.string(),
  db_id: z.string(),
  question: z.string(),
  sql: z.string(),
  ordered: z.boolean().optional(),
  gold: z.string(),
  syn: z.string().optional(),
});

export interface LoadedDatabase {
  readonly id: string;
  readonly fold: number;
  readonly database: SqliteDatabase;
  readonly schema: Schema;
  readonly linker: Linker;
}

export interface Example {
  readonly id: string;
  readonly db: LoadedDatabase;
  /** The question in other words: for training, and scored apart. */
  readonly reworded: boolean;
  readonly text: string;
  readonly linked: LinkedQuestion;
  readonly gold: GoldSummary;
  readonly goldSql: string;
  readonly ordered: boolean;
  readonly empty: boolean;
}

/** Folds by database: every question of one is in the same fold. */
const foldOf = (id: string, folds: number): number => createHash('sha256').update(`fold:${id}`).digest().readUInt32LE(0) % folds;

export const loadDatabase = (folder: string, id: string, folds: number): LoadedDatabase | undefined => {
  const database = SqliteDatabase.open(folder, id);
  if (!database) return undefined;
  const catalog = introspectSqlite(database);
  const schema = compileSchema(catalog, draftModel(catalog));
  return { id, fold: foldOf(id, folds), database, schema, linker: new Linker(schema) };
};

export interface LoadOptions {
  readonly folder: string;
  readonly file?: string;
  readonly databases?: string;
  readonly folds: number;
  readonly reworded: boolean;
  /** Keeps every n-th database only. @default 1 */
  readonly every?: number;
}

const NOW = new Date('2026-01-01T00:00:00Z');

export const loadExamples = ({
  folder,
  file = 'questions.jsonl',
  databases = 'db',
  folds,
  reworded,
  every = 1,
}: LoadOptions): Example[] => {
  const loaded = new Map<string, LoadedDatabase | undefined>();
  const names: string[] = [];
  const examples: Example[] = [];
  let rewordings = 0;
  for (const value of readLines(`${folder}/${file}`)) {
    const item = line.parse(value);
    if (item.gold === 'error') continue;
    if (!loaded.has(item.db_id)) {
      names.push(item.db_id);
      loaded.set(item.db_id, names.length % every === 0 ? loadDatabase(`${folder}/${databases}`, item.db_id, folds) : undefined);
    }
    const db = loaded.get(item.db_id);
    if (!db) continue;
    const gold = summariseSql(db.schema, item.sql);
    const add = (text: string, isReworded: boolean): void => {
      examples.push({
        id: item.id,
        db,
        reworded: isReworded,
        text,
        linked: db.linker.link(text, NOW),
        gold,
        goldSql: item.sql,
        ordered: item.ordered ?? false,
        empty: item.gold === 'empty',
      });
    };
    add(item.question, false);
    // Every second rewording: more of them teach little and cost as much again.
    if (reworded && item.syn && item.syn !== item.question && (rewordings += 1) % 2 === 0) add(item.syn, true);
  }
  return examples;
};
