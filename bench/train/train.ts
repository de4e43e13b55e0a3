/**
 * Trains the heads, the ranker and the confidence of the learned reader, cross-validated by database, and writes the weights and the report.
 * `npm run eval:train -- FOLDER [FOLDS] [heads|rank]`: FOLDER holds questions.jsonl and db/; `heads` trains the heads again although they are kept.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';

import { Scorer } from '#platform/boosting';
import { projectRoot } from '#platform/lifecycle';

import { calibrate } from '../../subgraphs/sql/service/engine/learned/confidence';
import { Judge } from '../../subgraphs/sql/service/engine/learned/judge';
import { packWeights } from '../../subgraphs/sql/service/engine/learned/weights';
import { answerableRows, confidenceRows, crossValidate, isotonic } from './confidence-models';
import { loadExamples } from './examples';
import { fieldsOf, saveFields } from './field-store';
import type { Example } from './examples';
import { restoreJudged, saveJudged } from './judged-store';
import { headReport, judgeOutOfFold, note } from './out-of-fold';
import type { Heads, Judged } from './out-of-fold';
import { buildCandidates, trainRanker } from './rank';
import { partErrors, scoreAll, summary } from './report';
import type { Scored } from './report';

const [folder = '', foldText = '5', mode = 'heads', every = '1'] = process.argv.slice(2);
const folds = Number(foldText);
const cache = path.join(projectRoot, '.cache', 'train');
const now = new Date('2026-01-01T00:00:00Z');

const strangers = (examples: readonly Example[], heads: Heads): Judged[] => {
  const own = examples.filter((example) => example.db.fold === 0 && !example.reworded);
  const databases = [...new Set(own.map((example) => example.db))];
  const judge = new Judge(heads);
  return own.map((example, index): Judged => {
    const db = databases[(databases.indexOf(example.db) + 1 + (index % (databases.length - 1))) % databases.length]!;
    const strange: Example = { ...example, db, linked: db.linker.link(example.text, now) };
    const { mentions, numbers, roles, context } = judge.judge(strange.linked);
    return {
      example: strange,
      mentions,
      indices: new Uint32Array(0),
      context: [],
      sketch: numbers,
      roles: roles as unknown as Judged['roles'],
      shares: context as (Float32Array | undefined)[],
    };
  });
};

const curveOf = (rows: readonly Scored[], confidence: ReadonlyMap<Scored, number>): string[] => {
  const live = rows.filter((row) => !row.question.judged.example.empty).sort((a, b) => confidence.get(b)! - confidence.get(a)!);
  const right = (row: Scored): number => row.question.right[row.order[0] ?? -1] ?? 0;
  const share = (part: readonly Scored[]): number => part.reduce((sum, row) => sum + right(row), 0) / Math.max(1, part.length);
  const lines = ['| tenth | predicted | right |', '| --- | --- | --- |'];
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const part = live.slice(Math.floor((live.length * tenth) / 10), Math.floor((live.length * (tenth + 1)) / 10));
    const mean = part.reduce((sum, row) => sum + confidence.get(row)!, 0) / Math.max(1, part.length);
    lines.push(`| ${tenth + 1} | ${(100 * mean).toFixed(1)} | ${(100 * share(part)).toFixed(1)} |`);
  }
  lines.push(
    '',
    `Most confident half: ${(100 * share(live.slice(0, Math.floor(live.length / 2)))).toFixed(1)} % right; most confident 30 %: ${(100 * share(live.slice(0, Math.floor(live.length * 0.3)))).toFixed(1)} %.`,
  );
  return lines;
};

const main = (): void => {
  mkdirSync(cache, { recursive: true });
  const examples = loadExamples({ folder, folds, reworded: true, every: Number(every) });
  note(`${examples.length} questions of ${new Set(examples.map((example) => example.db.id)).size} databases`);
  const headsFile = path.join(cache, 'heads.bin');
  const judgedFile = path.join(cache, 'judged.bin');
  let judged = mode === 'rank' ? restoreJudged(judgedFile, examples) : undefined;
  let heads: { withoutFirst: Heads; shipped: Heads };
  if (judged && existsSync(headsFile)) heads = deserialize(readFileSync(headsFile)) as typeof heads;
  else {
    const trained = judgeOutOfFold(examples, { folds, settings: { trees: 60, depth: 5, rate: 0.14 }, all: true });
    judged = trained.judged;
    heads = { withoutFirst: trained.withoutFirst, shipped: trained.shipped! };
    saveJudged(judgedFile, judged);
    writeFileSync(headsFile, serialize(heads));
  }
  const report: string[] = [headReport(judged)];
  if (mode === 'heads-only') return console.log(report.join('\n'));
  const set = buildCandidates(judged, { candidates: 60 });
  note('candidates done');
  const rankers = Array.from({ length: folds }, (_, fold) => {
    const scorer = new Scorer(
      trainRanker(
        set,
        set.questions.filter((question) => question.judged.example.db.fold !== fold),
      ),
    );
    note(`ranker ${fold} done`);
    return scorer;
  });
  const scored = scoreAll(set.questions, (question) => rankers[question.judged.example.db.fold]);
  const confidences = confidenceRows(scored, set.names);
  const checked = crossValidate(confidences, folds);
  const plain = scored.map((row) => !row.question.judged.example.reworded);
  const plainAt = confidences.rows.map((_, index) => index);
  const calibration = isotonic(
    Float32Array.from(plainAt, (index) => checked.outside[index]!),
    Uint8Array.from(plainAt, (index) => confidences.target[index]!),
  );
  const used = scored.filter((row) => row.order.length > 0);
  // The curve of the report is fitted without the fold that it is shown for.
  const confidence = new Map<Scored, number>();
  for (let fold = 0; fold < folds; fold += 1) {
    const others = used.map((_, index) => index).filter((index) => confidences.fold[index] !== fold);
    const curve = isotonic(
      Float32Array.from(others, (index) => checked.outside[index]!),
      Uint8Array.from(others, (index) => confidences.target[index]!),
    );
    used.forEach((row, index) => {
      if (confidences.fold[index] === fold) confidence.set(row, calibrate(curve, checked.outside[index]!));
    });
  }
  for (const row of scored) if (!confidence.has(row)) confidence.set(row, 0);
  note('confidence done');
  // What the settled confidence is trained on; kept, since it asks for no ranker (`bench/train/settled`).
  saveFields(path.join(cache, 'fields.bin'), fieldsOf(scored, confidences));
  for (const reworded of [false, true]) {
    const rows = scored.filter((_, index) => plain[index] !== reworded);
    report.push(
      '',
      `## ${reworded ? 'Reworded' : 'Plain'}`,
      '',
      summary(rows),
      '',
      `Parts that differ in wrong answers (% of them): ${partErrors(rows)}`,
      '',
      ...curveOf(rows, confidence),
    );
  }
  console.log(report.join('\n'));
  writeFileSync(path.join(cache, 'report.md'), report.join('\n'));
  writeFileSync(
    path.join(cache, 'predictions.jsonl'),
    scored
      .filter((_, index) => plain[index])
      .map((row) =>
        JSON.stringify({
          id: row.question.judged.example.id,
          sql: row.question.sqls[row.order[0] ?? -1] ?? null,
          confidence: confidence.get(row),
          engine: 'semantic',
          ms: Math.round(row.question.ms),
        }),
      )
      .join('\n'),
  );
  const inFirst = judged.filter((row) => row.example.db.fold === 0 && !row.example.reworded);
  const answerable = crossValidate(answerableRows(inFirst, strangers(examples, heads.withoutFirst)), 0);
  const ranker = trainRanker(set, set.questions);
  const { file, sha256 } = packWeights({ ...heads.shipped, ranker, confidence: checked.model, answerable: answerable.model, calibration });
  const target = path.join(projectRoot, 'subgraphs/sql/service/engine/learned/weights');
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, 'weights.bin'), file);
  writeFileSync(
    path.join(target, 'manifest.json'),
    `${JSON.stringify(
      {
        sha256,
        bytes: file.length,
        trainedOn: `${examples.length} questions of ${new Set(examples.map((example) => example.db.id)).size} databases`,
        questionsSha256: createHash('sha256')
          .update(readFileSync(path.join(folder, 'questions.jsonl')))
          .digest('hex'),
        attribution:
          'Trained on Spider (Yu et al. 2018, CC BY-SA 4.0), rows from LeLuven/MachineSpider (Apache-2.0), and Spider-Syn (Gan et al. 2021, MIT). The weights hold no question text: hashed n-grams of masked questions, kept only where seen in at least 3 databases.',
        howToTrain: 'npm run eval:train -- FOLDER',
      },
      null,
      2,
    )}\n`,
  );
  note(`weights of ${Math.round(file.length / 1024)} KiB written`);
};

main();
