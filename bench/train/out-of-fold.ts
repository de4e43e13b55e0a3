/** Heads for every question from models that never saw its database. */
import type { Example } from './examples';
import { columnRoles } from './gold';
import type { ColumnRole } from './gold';
import {
  columnRows,
  predictContext,
  predictRefine,
  predictSketch,
  prepare,
  scoreRole,
  sketchHeads,
  sketchRows,
  tableRoles,
  tableRows,
  trainContext,
  trainRefine,
  trainRole,
  trainSketch,
} from './heads';
import type { Prepared, TableRole, TreeSettings } from './heads';
import { Scorer } from '#platform/boosting';

import type { HeadModels } from '../../subgraphs/sql/service/engine/learned/weights';
import { sketchLabels } from '../../subgraphs/sql/service/engine/heads/types';

export interface Judged extends Prepared {
  readonly shares: readonly (Float32Array | undefined)[];
  readonly sketch: Float32Array;
  readonly roles: Record<ColumnRole | TableRole, Float32Array>;
}

export const note = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

export type Heads = Pick<HeadModels, 'sketch' | 'context' | 'guess' | 'refine' | 'roles'>;

/** What is shown is decided by the finest signs; the other roles gain nothing from more trees. */
const LARGE: TreeSettings = { trees: 160, depth: 6, rate: 0.08 };

export interface FoldOptions {
  readonly folds: number;
  readonly settings: TreeSettings;
  /** Also trains heads on all databases, to be shipped. */
  readonly all?: boolean;
}

export interface OutOfFold {
  readonly judged: Judged[];
  /** Heads that did not see the databases of fold 0. */
  readonly withoutFirst: Heads;
  readonly shipped?: Heads;
}

export const judgeOutOfFold = (examples: readonly Example[], { folds, settings, all = false }: FoldOptions): OutOfFold => {
  const { prepared } = prepare(examples);
  const foldOf = (at: number): number => prepared[at]!.example.db.fold;
  const count = prepared.length;
  // Fold −1 holds nobody: its models see everything.
  const passes = [...Array.from({ length: folds }, (_, fold) => fold), ...(all ? [-1] : [])];
  const first = { refine: {}, roles: {} } as Record<string, unknown> & { refine: Record<string, unknown>; roles: Record<string, unknown> };
  const shipped = { refine: {}, roles: {} } as typeof first;
  const keepers = (fold: number): (typeof first)[] => (fold === 0 ? [first] : fold === -1 ? [shipped] : []);
  /** Trains for each pass, and predicts the rows of its fold. */
  const stage = <M, R>(
    fit: (keep: (at: number) => boolean) => M,
    predict: (model: M, at: number) => R,
    store: (heads: typeof first, model: M) => void,
  ): R[] => {
    const out = new Array<R>(count);
    for (const fold of passes) {
      const model = fit((at) => foldOf(at) !== fold);
      for (let at = 0; at < count; at += 1) if (foldOf(at) === fold) out[at] = predict(model, at);
      for (const heads of keepers(fold)) store(heads, model);
    }
    return out;
  };
  const select = (keep: (at: number) => boolean): Prepared[] => prepared.filter((_, at) => keep(at));
  const sketch = stage(
    (keep) => trainSketch(select(keep)),
    (model, at) => predictSketch(model, prepared[at]!.indices),
    (heads, model) => (heads.sketch = model),
  );
  const context = stage(
    (keep) => trainContext(select(keep)),
    (model, at) => predictContext(model, prepared[at]!),
    (heads, model) => (heads.context = model),
  );
  note('sketch and context heads done');
  const guessRows = tableRows(prepared, sketch);
  const tablesOf = (at: number): number => prepared[at]!.example.linked.schema.tables.length;
  const columnsOf = (at: number): number => prepared[at]!.example.linked.schema.columns.length;
  const guess = stage(
    (keep) => trainRole(guessRows, 'from', keep, settings),
    (model, at) => scoreRole(guessRows, new Scorer(model), at, tablesOf(at)),
    (heads, model) => (heads.guess = model),
  );
  const dense = sketchRows(prepared, { sketch, context, tables: guess });
  const refined = stage(
    (keep) => trainRefine(prepared, dense, keep),
    (model, at) => predictRefine(model, dense.rows[at]!),
    (heads, model) => Object.assign(heads.refine, model),
  );
  note('second stage of the sketch done');
  const rows = columnRows(prepared, { sketch: refined, context, tables: guess });
  note(`${rows.question.length} column rows of ${rows.names.length} features`);
  const roles = prepared.map(() => ({}) as Record<ColumnRole | TableRole, Float32Array>);
  for (const role of columnRoles) {
    const scores = stage(
      (keep) => trainRole(rows, role, keep, role === 'select' ? LARGE : settings),
      (model, at) => scoreRole(rows, new Scorer(model), at, columnsOf(at)),
      (heads, model) => (heads.roles[role] = model),
    );
    scores.forEach((values, at) => (roles[at]![role] = values));
    note(`role ${role} done`);
  }
  const tables = tableRows(prepared, refined, roles);
  for (const role of tableRoles) {
    const scores = stage(
      (keep) => trainRole(tables, role, keep, settings),
      (model, at) => scoreRole(tables, new Scorer(model), at, tablesOf(at)),
      (heads, model) => (heads.roles[role] = model),
    );
    scores.forEach((values, at) => (roles[at]![role] = values));
  }
  note('table roles done');
  const judged = prepared.map((row, at) => ({ ...row, sketch: refined[at]!, roles: roles[at]!, shares: context[at]! }));
  return { judged, withoutFirst: first as unknown as Heads, ...(all ? { shipped: shipped as unknown as Heads } : {}) };
};

/** Accuracy of each head on plain (and reworded) questions. */
export const headReport = (judged: readonly Judged[]): string => {
  const lines: string[] = [];
  for (const reworded of [false, true]) {
    const rows = judged.filter((row) => row.example.reworded === reworded && !row.example.empty);
    if (rows.length === 0) continue;
    let at = 0;
    const parts: string[] = [];
    for (const head of sketchHeads) {
      const labels = sketchLabels[head];
      let right = 0;
      for (const row of rows) {
        let best = 0;
        for (let label = 1; label < labels.length; label += 1) if (row.sketch[at + label]! > row.sketch[at + best]!) best = label;
        right += best === row.example.gold.sketch[head] ? 1 : 0;
      }
      at += labels.length;
      parts.push(`${head} ${((100 * right) / rows.length).toFixed(1)}`);
    }
    // The right set of columns, its size given.
    for (const role of [...columnRoles, 'from' as const]) {
      let right = 0;
      let count = 0;
      for (const row of rows) {
        const gold = role === 'from' ? row.example.gold.from : row.example.gold.roles[role];
        if (gold.size === 0) continue;
        count += 1;
        const ranked = Array.from(row.roles[role], (probability, id) => ({ probability, id })).sort(
          (a, b) => b.probability - a.probability,
        );
        right += ranked.slice(0, gold.size).every((item) => gold.has(item.id)) ? 1 : 0;
      }
      parts.push(`[${role}] ${((100 * right) / count).toFixed(1)}`);
    }
    lines.push(`${reworded ? 'reworded' : 'plain'} (${rows.length}): ${parts.join(', ')}`);
  }
  return lines.join('\n');
};
