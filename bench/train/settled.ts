/**
 * Trains the confidence of readings that were run and compared, cross-validated by database, and reports how many are right then:
 * `node scripts/run.mjs bench/train/settled FOLDER`, after `npm run eval:train` and `bench/train/common-words`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { projectRoot } from '#platform/lifecycle';

import { strangeCut } from '../../subgraphs/sql/service/engine/learned/common-words';
import { calibrate } from '../../subgraphs/sql/service/engine/learned/confidence';
import { gatherMentions } from '../../subgraphs/sql/service/engine/learned/mentions';
import { packSettled, settledRow } from '../../subgraphs/sql/service/engine/learned/settled';
import type { Rival } from '../../subgraphs/sql/service/engine/learned/settled';
import { summarise } from '../../subgraphs/sql/service/engine/results';
import { bestSupported } from '../../subgraphs/sql/service/engine/rivals';
import { crossValidate, isotonic } from './confidence-models';
import { loadExamples } from './examples';
import type { Example } from './examples';
import { loadFields } from './field-store';
import type { Field } from './field-store';
import { queryKinds } from './gold';
import { note } from './out-of-fold';

const FOLDS = 5;
const folder = process.argv[2] ?? '';

interface Settled {
  readonly field: Field;
  readonly row: Float32Array;
  readonly right: number;
  readonly doubt: number;
  readonly sql: string;
}

const settle = (field: Field, example: Example): Settled => {
  const rivals = field.readings.map(({ sql, weight }, index): Rival => {
    try {
      return { weight, result: summarise(example.db.database.rows(sql), index) };
    } catch {
      return { weight, result: null };
    }
  });
  const best = bestSupported(rivals);
  const { row, right, sql } = field.readings[best]!;
  const doubt = strangeCut(gatherMentions(example.linked));
  return { field, row: settledRow({ row, share: field.share, doubt }, rivals, best), right, doubt, sql };
};

const keyOf = (item: { id: string; reworded: boolean }): string => `${item.id}${item.reworded ? '~' : ''}`;
const percent = (part: number, whole: number): string => (whole === 0 ? '–' : ((100 * part) / whole).toFixed(1));

/** Curves fitted without one fold, or with all of them. */
const fitCurves = (rows: readonly Settled[], raw: Float32Array, without?: number) => {
  const used = rows.map((_, index) => index).filter((index) => rows[index]!.field.fold !== without && !rows[index]!.field.empty);
  const target = Uint8Array.from(used, (index) => rows[index]!.right);
  const calibration = isotonic(
    Float32Array.from(used, (index) => raw[index]!),
    target,
  );
  const cut = Float32Array.from(used, (index) => calibrate(calibration, raw[index]!) * rows[index]!.doubt);
  const { scores, shares } = isotonic(cut, target, 150);
  // Down to nothing at nothing, so that the order of doubtful answers is kept.
  return { calibration, after: { scores: [0, ...scores, 1], shares: [0, ...shares, Math.max(0.99, shares.at(-1)!)] } };
};

const report = (rows: readonly (Settled & { confidence: number })[]): string[] => {
  const live = rows.filter(({ field }) => !field.empty).sort((a, b) => b.confidence - a.confidence);
  const right = (part: readonly Settled[]): number => part.reduce((sum, item) => sum + item.right, 0);
  const first = (part: readonly Settled[]): number => part.reduce((sum, item) => sum + item.field.readings[0]!.right, 0);
  const half = live.slice(0, Math.floor(live.length / 2));
  const lines = [
    `${live.length} questions: ${percent(right(live), live.length)} % right, ${percent(first(live), live.length)} % before they were run`,
    `most confident half ${percent(right(half), half.length)} %, most confident 30 % ${percent(right(live.slice(0, Math.floor(live.length * 0.3))), Math.floor(live.length * 0.3))} %`,
    queryKinds
      .map((kind) => {
        const own = live.filter(({ field }) => field.kind === kind);
        return `${kind} ${percent(right(own), own.length)} (${own.length})`;
      })
      .join(', '),
    '',
    '| tenth | predicted | right |',
    '| --- | --- | --- |',
  ];
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const part = live.slice(Math.floor((live.length * tenth) / 10), Math.floor((live.length * (tenth + 1)) / 10));
    const mean = part.reduce((sum, item) => sum + item.confidence, 0) / Math.max(1, part.length);
    lines.push(`| ${tenth + 1} | ${(100 * mean).toFixed(1)} | ${percent(right(part), part.length)} |`);
  }
  return lines;
};

const main = (): void => {
  const cache = path.join(projectRoot, '.cache', 'train');
  const examples = new Map(loadExamples({ folder, folds: FOLDS, reworded: true }).map((example) => [keyOf(example), example]));
  const rows = loadFields(path.join(cache, 'fields.bin')).flatMap((field) => {
    const example = examples.get(keyOf(field));
    return example ? [settle(field, example)] : [];
  });
  note(`${rows.length} questions settled`);
  const width = rows[0]!.row.length;
  const checked = crossValidate(
    {
      names: Array.from({ length: width }, (_, index) => `f${index}`),
      rows: rows.map((item) => item.row),
      target: Uint8Array.from(rows, (item) => item.right),
      fold: rows.map((item) => item.field.fold),
    },
    FOLDS,
  );
  const curves = Array.from({ length: FOLDS }, (_, fold) => fitCurves(rows, checked.outside, fold));
  const judged = rows.map((item, index) => {
    const { calibration, after } = curves[item.field.fold]!;
    return { ...item, confidence: calibrate(after, calibrate(calibration, checked.outside[index]!) * item.doubt) };
  });
  const text = [false, true]
    .flatMap((reworded) => [
      `## ${reworded ? 'Reworded' : 'Plain'}, settled by running five readings`,
      '',
      ...report(judged.filter(({ field }) => field.reworded === reworded)),
      '',
    ])
    .join('\n');
  console.log(text);
  writeFileSync(path.join(cache, 'report-settled.md'), text);
  writeFileSync(
    path.join(cache, 'predictions-settled.jsonl'),
    judged
      .filter(({ field }) => !field.reworded)
      .map(({ field, sql, confidence }) => JSON.stringify({ id: field.id, sql, confidence, engine: 'semantic', ms: 0 }))
      .join('\n'),
  );
  const { file, sha256 } = packSettled({ model: checked.model, ...fitCurves(rows, checked.outside) });
  const weights = path.join(projectRoot, 'subgraphs/sql/service/engine/learned/weights');
  writeFileSync(path.join(weights, 'settled.bin'), file);
  const manifest = JSON.parse(readFileSync(path.join(weights, 'manifest.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(
    path.join(weights, 'manifest.json'),
    `${JSON.stringify({ ...manifest, settledSha256: sha256, settledBytes: file.length }, null, 2)}\n`,
  );
  note(`settled weights of ${Math.round(file.length / 1024)} KiB written`);
};

main();
