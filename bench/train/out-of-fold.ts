/** Heads for every question from models that never saw its database. */
import type { Example } from './examples';
import { columnRoles } from './gold';
import type { ColumnRole } from './gold';
import { columnRows, predictContext, predictRefine, predictSketch, prepare, scoreRole, sketchHeads, sketchRows, tableRoles, tableRows, trainContext, trainRefine, trainRole, trainSketch } from './heads';
import type { Prepared, TableRole, TreeSettings } from './heads';
import { sketchLabels } from '../../subgraphs/sql/service/engine/heads/types';

export interface Judged extends Prepared {
  readonly sketch: Float32Array;
  readonly roles: Record<ColumnRole | TableRole, Float32Array>;
}

export const note = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

export interface FoldOptions {
  readonly folds: number;
  readonly settings: TreeSettings;
  /** Only databases of these folds are predicted; the rest keeps empty numbers. */
  readonly only?: readonly number[];
}

export const judgeOutOfFold = (examples: readonly Example[], { folds, settings }: FoldOptions): Judged[] => {
  const { prepared } = prepare(examples);
  const sketch: Float32Array[] = new Array<Float32Array>(prepared.length);
  for (let fold = 0; fold < folds; fold += 1) {
    const models = trainSketch(prepared.filter((row) => row.example.db.fold !== fold));
    prepared.forEach((row, at) => {
      if (row.example.db.fold === fold) sketch[at] = predictSketch(models, row.indices);
    });
  }
  const context: (Float32Array | undefined)[][] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const model = trainContext(prepared.filter((row) => row.example.db.fold !== fold));
    prepared.forEach((row, at) => {
      if (row.example.db.fold === fold) context[at] = predictContext(model, row);
    });
  }
  note('sketch and context heads done');
  const guessRows = tableRows(prepared, sketch);
  const guess: Float32Array[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const model = trainRole(guessRows, 'from', (question) => prepared[question]!.example.db.fold !== fold, settings);
    prepared.forEach((row, at) => {
      if (row.example.db.fold === fold) guess[at] = scoreRole(guessRows, model, at, row.example.linked.schema.tables.length);
    });
  }
  const dense = sketchRows(prepared, { sketch, context, tables: guess });
  const refined: Float32Array[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const models = trainRefine(prepared, dense, (question) => prepared[question]!.example.db.fold !== fold);
    prepared.forEach((row, at) => {
      if (row.example.db.fold === fold) refined[at] = predictRefine(models, dense.rows[at]!);
    });
  }
  note('second stage of the sketch done');
  const rows = columnRows(prepared, { sketch: refined, context, tables: guess });
  note(`${rows.question.length} column rows of ${rows.names.length} features`);
  const roles = prepared.map(() => ({}) as Record<ColumnRole | TableRole, Float32Array>);
  for (const role of columnRoles) {
    for (let fold = 0; fold < folds; fold += 1) {
      const model = trainRole(rows, role, (question) => prepared[question]!.example.db.fold !== fold, settings);
      prepared.forEach((row, at) => {
        if (row.example.db.fold === fold) roles[at]![role] = scoreRole(rows, model, at, row.example.linked.schema.columns.length);
      });
    }
    note(`role ${role} done`);
  }
  const tables = tableRows(prepared, refined, roles);
  for (const role of tableRoles) {
    for (let fold = 0; fold < folds; fold += 1) {
      const model = trainRole(tables, role, (question) => prepared[question]!.example.db.fold !== fold, settings);
      prepared.forEach((row, at) => {
        if (row.example.db.fold === fold) roles[at]![role] = scoreRole(tables, model, at, row.example.linked.schema.tables.length);
      });
    }
  }
  note('table roles done');
  return prepared.map((row, at) => ({ ...row, sketch: refined[at]!, roles: roles[at]! }));
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
        const ranked = Array.from(row.roles[role], (probability, id) => ({ probability, id })).sort((a, b) => b.probability - a.probability);
        right += ranked.slice(0, gold.size).every((item) => gold.has(item.id)) ? 1 : 0;
      }
      parts.push(`[${role}] ${((100 * right) / count).toFixed(1)}`);
    }
    lines.push(`${reworded ? 'reworded' : 'plain'} (${rows.length}): ${parts.join(', ')}`);
  }
  return lines.join('\n');
};
