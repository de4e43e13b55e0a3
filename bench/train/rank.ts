/** Candidates of every question, run and compared with gold; the ranker trained on them fold by fold. */
import { columnsOf, type Scorer, train } from '#platform/boosting';
import type { BoostedModel } from '#platform/boosting';

import { drafts } from '../../subgraphs/sql/service/engine/learned/beam';
import type { BeamLimits } from '../../subgraphs/sql/service/engine/learned/beam';
import type { BeamInput, Draft } from '../../subgraphs/sql/service/engine/learned/beam-types';
import { treeOf } from '../../subgraphs/sql/service/engine/learned/draft-tree';
import { RankFeatures } from '../../subgraphs/sql/service/engine/learned/rank-features';
import { sketchOf } from '../../subgraphs/sql/service/engine/learned/sketch-numbers';
import { renderTree } from '../../subgraphs/sql/service/engine/render/renderer';
import { Expected } from '../eval/compare';
import { summariseSql } from './gold';
import type { Judged } from './out-of-fold';

export interface RankedQuestion {
  readonly judged: Judged;
  readonly drafts: readonly Draft[];
  readonly sqls: readonly string[];
  readonly features: readonly Float32Array[];
  /** Same result as gold. */
  readonly right: Uint8Array;
  /** What the ranker is taught: where some candidate has gold's own parts, those that are right by luck are not. */
  readonly taught: Uint8Array;
  readonly ms: number;
}

export const beamInput = (judged: Judged): BeamInput => ({
  question: judged.example.linked,
  mentions: judged.mentions,
  sketch: sketchOf(judged.sketch),
  roles: judged.roles,
  context: judged.shares,
});

export interface CandidateSet {
  readonly names: readonly string[];
  readonly questions: readonly RankedQuestion[];
}

const teaching = ['show', 'from', 'where', 'group', 'having', 'sort', 'distinct'] as const;

const sameParts = (row: Judged, sql: string): boolean => {
  try {
    const { parts } = summariseSql(row.example.linked.schema, sql);
    return teaching.every((part) => parts[part] === row.example.gold.parts[part]);
  } catch {
    return false;
  }
};

export const buildCandidates = (judged: readonly Judged[], limits: BeamLimits = {}): CandidateSet => {
  const writer = new RankFeatures();
  const expected = new Map<string, Expected | undefined>();
  const questions: RankedQuestion[] = [];
  const errors = new Map<string, number>();
  for (const row of judged) {
    const { database, schema, id } = row.example.db;
    const key = `${id}\n${row.example.goldSql}`;
    if (!expected.has(key)) {
      try {
        expected.set(key, new Expected(database.rows(row.example.goldSql), row.example.ordered));
      } catch {
        expected.set(key, undefined);
      }
    }
    const gold = expected.get(key);
    if (!gold) continue;
    const started = performance.now();
    const input = beamInput(row);
    const all = drafts(input, limits);
    const kept: Draft[] = [];
    const sqls: string[] = [];
    const seen = new Set<string>();
    for (const draft of all) {
      let sql: string;
      try {
        sql = renderTree(schema, treeOf(draft)).sql;
      } catch (error) {
        const message = (error as Error).message.slice(0, 60);
        errors.set(message, (errors.get(message) ?? 0) + 1);
        continue;
      }
      if (seen.has(sql)) continue;
      seen.add(sql);
      kept.push(draft);
      sqls.push(sql);
    }
    const ms = performance.now() - started;
    const right = Uint8Array.from(sqls, (sql) => {
      try {
        return gold.matches(database.rows(sql)) ? 1 : 0;
      } catch (error) {
        const message = `run: ${(error as Error).message.slice(0, 60)}`;
        errors.set(message, (errors.get(message) ?? 0) + 1);
        return 0;
      }
    });
    const alike = Uint8Array.from(sqls, (sql, index) => (right[index] && sameParts(row, sql) ? 1 : 0));
    const taught = alike.includes(1) ? alike : right;
    questions.push({ judged: row, drafts: kept, sqls, features: writer.rows(input, kept), right, taught, ms });
  }
  for (const [message, count] of [...errors].sort((a, b) => b[1] - a[1]).slice(0, 6)) console.error(`  ${count} × ${message}`);
  return { names: writer.names, questions };
};

const LIST = 36;

export const trainRanker = (set: CandidateSet, rows: readonly RankedQuestion[]): BoostedModel => {
  // The likeliest candidates teach most; a right one further down is kept out of training rather than all before it kept in.
  const usable = rows.filter((question) => question.taught.subarray(0, LIST).includes(1) && question.taught.subarray(0, LIST).includes(0));
  const width = set.names.length;
  const count = usable.reduce((sum, question) => sum + Math.min(LIST, question.features.length), 0);
  const matrix = new Float32Array(count * width);
  const target = new Uint8Array(count);
  let at = 0;
  for (const question of usable) {
    question.features.slice(0, LIST).forEach((row, index) => {
      matrix.set(row, at * width);
      target[at] = question.taught[index]!;
      at += 1;
    });
  }
  return train(
    {
      columns: columnsOf(matrix, width),
      names: set.names,
      target,
      groups: usable.map((question) => Math.min(LIST, question.features.length)),
    },
    {
      objective: 'rank',
      trees: 220,
      depth: 5,
      learningRate: 0.08,
      minChildWeight: 0.5,
      l2: 3,
      columnFraction: 0.4,
      rowFraction: 1,
      bins: 48,
      seed: 11,
    },
  );
};

/** Order of a question's candidates by a ranker, best first. */
export const ordered = (scorer: Scorer | undefined, question: RankedQuestion): { order: number[]; scores: number[] } => {
  const scores = question.features.map((row, index) => (scorer ? scorer.score(row) : -index));
  return { order: scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b), scores };
};
