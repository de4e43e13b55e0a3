/** Keeps candidate sets between runs of the developer's loop, so that rankers can be compared on the same candidates. */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';

import type { CandidateSet } from './rank';

export interface StoredQuestion {
  readonly id: string;
  readonly database: string;
  readonly fold: number;
  readonly reworded: boolean;
  readonly empty: boolean;
  readonly kind: string;
  readonly sqls: readonly string[];
  readonly right: Uint8Array;
  readonly features: readonly Float32Array[];
}

export const saveCandidates = (folder: string, set: CandidateSet): void => {
  mkdirSync(folder, { recursive: true });
  const file = openSync(`${folder}/features.bin`, 'w');
  const meta = set.questions.map((question) => {
    const { example } = question.judged;
    for (const row of question.features) writeSync(file, new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    return {
      id: example.id,
      database: example.db.id,
      fold: example.db.fold,
      reworded: example.reworded,
      empty: example.empty,
      kind: example.gold.kind,
      sqls: question.sqls,
      right: Array.from(question.right),
    };
  });
  closeSync(file);
  writeFileSync(`${folder}/questions.json`, JSON.stringify({ names: set.names, meta }));
};

export const loadCandidates = (folder: string): { names: string[]; questions: StoredQuestion[] } => {
  const { names, meta } = JSON.parse(readFileSync(`${folder}/questions.json`, 'utf8')) as {
    names: string[];
    meta: (Omit<StoredQuestion, 'right' | 'features'> & { right: number[] })[];
  };
  const bytes = readFileSync(`${folder}/features.bin`);
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let at = 0;
  const questions = meta.map((question) => {
    const features = question.right.map(() => all.subarray(at * names.length, ++at * names.length));
    return { ...question, right: Uint8Array.from(question.right), features };
  });
  return { names, questions };
};
