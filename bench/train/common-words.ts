/**
 * Writes the stems that questions about at least four databases use, as hashes, and the curve that makes confidences right again after words that
 * nothing explains have cut them: `node scripts/run.mjs bench/train/common-words FOLDER`, after `npm run eval:train`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { z } from 'zod';

import { projectRoot } from '#platform/lifecycle';

import { PER_STRANGE_WORD, strangeWords } from '../../subgraphs/sql/service/engine/learned/common-words';
import { gatherMentions } from '../../subgraphs/sql/service/engine/learned/mentions';
import { hashText } from '../../subgraphs/sql/service/engine/learned/sketch-features';
import { tokenise } from '../../subgraphs/sql/service/engine/text/tokenise';
import { Expected } from '../eval/compare';
import { readLines } from '../eval/questions';
import { isotonic } from './confidence-models';
import { loadExamples } from './examples';

const LEAST_DATABASES = 4;
const line = z.object({ db_id: z.string(), question: z.string(), syn: z.string().optional() });
const prediction = z.object({ id: z.string(), sql: z.string().nullable(), confidence: z.number() });
const folder = process.argv[2] ?? '';

const commonStems = (): number[] => {
  const databases = new Map<string, Set<string>>();
  for (const value of readLines(path.join(folder, 'questions.jsonl'))) {
    const { db_id, question, syn } = line.parse(value);
    for (const token of tokenise(`${question} ${syn ?? ''}`)) {
      if (token.kind !== 'word') continue;
      const seen = databases.get(token.stem) ?? new Set();
      databases.set(token.stem, seen.add(db_id));
    }
  }
  return [...databases]
    .filter(([, seen]) => seen.size >= LEAST_DATABASES)
    .map(([stem]) => hashText(stem))
    .sort((a, b) => a - b);
};

/** From the predictions of models that did not see the databases. */
const curve = (): { scores: number[]; shares: number[] } => {
  const predictions = new Map(
    readFileSync(path.join(projectRoot, '.cache/train/predictions.jsonl'), 'utf8')
      .split('\n')
      .map((text) => prediction.parse(JSON.parse(text)))
      .map((item) => [item.id, item]),
  );
  const scores: number[] = [];
  const right: number[] = [];
  for (const example of loadExamples({ folder, folds: 5, reworded: false })) {
    const found = predictions.get(example.id);
    if (!found?.sql || example.empty) continue;
    scores.push(found.confidence * PER_STRANGE_WORD ** strangeWords(gatherMentions(example.linked)).length);
    right.push(
      new Expected(example.db.database.rows(example.goldSql), example.ordered).matches(example.db.database.rows(found.sql)) ? 1 : 0,
    );
  }
  const { scores: at, shares } = isotonic(Float32Array.from(scores), Uint8Array.from(right), 150);
  // Down to nothing at nothing, so that the order of doubtful answers is kept.
  return { scores: [0, ...at, 1], shares: [0, ...shares, Math.max(0.99, shares[shares.length - 1]!)] };
};

const weights = 'subgraphs/sql/service/engine/learned/weights/common-words.json';
// The source, and the built copy that this run itself reads.
const files = [path.join(projectRoot, weights), path.join(__dirname, '..', '..', weights)];
const stems = commonStems();
const write = (after: { scores: number[]; shares: number[] }): void => {
  const text = `${JSON.stringify({ leastDatabases: LEAST_DATABASES, count: stems.length, stems: Buffer.from(Uint32Array.from(stems).buffer).toString('base64'), after })}\n`;
  for (const file of files) writeFileSync(file, text);
};
const digits = (values: readonly number[]): number[] => values.map((value) => Math.round(value * 1e4) / 1e4);
// The curve is fitted with the new stems in place.
write({ scores: [], shares: [] });
const { scores, shares } = curve();
write({ scores: digits(scores), shares: digits(shares) });
console.log(`${stems.length} stems; ${scores.map((score, index) => `${score.toFixed(2)}→${shares[index]!.toFixed(2)}`).join(' ')}`);
