import { readFileSync } from 'node:fs';

import { z } from 'zod';

// Gold SQL may stand in the same lines. It is dropped here, so that nothing behind this file can read it.
const question = z.object({ id: z.string(), question: z.string() });
const line = z.union([z.object({ id: z.string(), db_id: z.string(), turns: z.array(question) }), question.extend({ db_id: z.string() })]);

export interface Question {
  readonly id: string;
  readonly question: string;
}

/** One dialogue; a single question is a dialogue of one turn. */
export interface Dialogue {
  readonly databaseId: string;
  readonly turns: readonly Question[];
}

export const readLines = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((text) => text.trim() !== '')
    .map((text) => JSON.parse(text) as unknown);

export const readDialogues = (file: string): Dialogue[] =>
  readLines(file).map((value) => {
    const parsed = line.parse(value);
    return { databaseId: parsed.db_id, turns: 'turns' in parsed ? parsed.turns : [{ id: parsed.id, question: parsed.question }] };
  });
