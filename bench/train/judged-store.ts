/** Keeps out-of-fold judgements between runs: they take most of the time, and the ranker is trained on them again and again. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';

import type { Example } from './examples';
import { prepare } from './heads';
import type { Judged } from './out-of-fold';

interface Stored {
  readonly keys: string[];
  readonly rows: Pick<Judged, 'sketch' | 'roles' | 'shares'>[];
}

const keyOf = (example: Example): string => `${example.id}${example.reworded ? '~' : ''}`;

export const saveJudged = (file: string, judged: readonly Judged[]): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  const stored: Stored = {
    keys: judged.map((row) => keyOf(row.example)),
    rows: judged.map(({ sketch, roles, shares }) => ({ sketch, roles, shares: [...shares] })),
  };
  writeFileSync(file, serialize(stored));
};

export const restoreJudged = (file: string, examples: readonly Example[]): Judged[] | undefined => {
  if (!existsSync(file)) return undefined;
  const stored = deserialize(readFileSync(file)) as Stored;
  const at = new Map(stored.keys.map((key, index) => [key, index]));
  const { prepared } = prepare(examples);
  return prepared.flatMap((row) => {
    const index = at.get(keyOf(row.example));
    return index === undefined ? [] : [{ ...row, ...stored.rows[index]! }];
  });
};
