/**
 * `npm run eval:score -- --questions FILE.jsonl --databases DIR --predictions FILE.jsonl`: scores by execution. Results are equal when their rows are the
 * same multiset (the same sequence where gold orders), numbers to 4 places, in any order of columns; `alternatives` are gold as well.
 */
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { Expected } from './compare';
import { readLines } from './questions';
import { Sources } from './sources';

const turn = z.object({
  id: z.string(),
  sql: z.string().optional(),
  ordered: z.boolean().optional(),
  gold: z.string().optional(),
  alternatives: z.array(z.string()).optional(),
  expected: z.string().optional(),
});
const dialogue = z.object({ db_id: z.string(), turns: z.array(turn) });
const single = turn.extend({ db_id: z.string() });
const prediction = z.object({ id: z.string(), sql: z.string().nullable(), confidence: z.number().optional() });

interface Outcome {
  right: boolean;
  live: boolean;
  confidence: number;
}

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : (part / whole).toFixed(4));

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: { questions: { type: 'string' }, databases: { type: 'string' }, predictions: { type: 'string' } },
  });
  if (!values.questions || !values.databases || !values.predictions) {
    console.error('npm run eval:score -- --questions FILE.jsonl --databases DIR --predictions FILE.jsonl');
    process.exit(64);
  }
  const predictions = new Map(
    readLines(values.predictions)
      .map((line) => prediction.parse(line))
      .map((line) => [line.id, line]),
  );
  const sources = new Sources(values.databases);
  const outcomes: Outcome[] = [];
  let abstained = 0;
  let errors = 0;
  let skipped = 0;
  let refused = 0;
  let unanswerable = 0;
  for (const line of readLines(values.questions)) {
    const parsed = dialogue.safeParse(line);
    const items = parsed.success ? parsed.data.turns.map((item) => ({ ...item, db_id: parsed.data.db_id })) : [single.parse(line)];
    for (const item of items) {
      const answer = predictions.get(item.id);
      if (item.expected === 'abstain') {
        unanswerable += 1;
        if (!answer?.sql) refused += 1;
        continue;
      }
      const source = await sources.get(item.db_id);
      if (!source || !item.sql || (item.gold !== 'ok' && item.gold !== 'empty')) {
        skipped += 1;
        continue;
      }
      const live = item.gold === 'ok';
      if (!answer?.sql) {
        abstained += 1;
        outcomes.push({ right: false, live, confidence: 0 });
        continue;
      }
      let right = false;
      const rows = await source.rows(answer.sql).catch(() => undefined);
      if (!rows) errors += 1;
      else {
        for (const sql of [item.sql, ...(item.alternatives ?? [])]) {
          const gold = await source.rows(sql).catch(() => undefined);
          if (gold && new Expected(gold, item.ordered ?? false).matches(rows)) {
            right = true;
            break;
          }
        }
      }
      outcomes.push({ right, live, confidence: answer.confidence ?? 1 });
    }
  }
  await sources.close();
  const live = outcomes.filter((outcome) => outcome.live);
  const count = (list: readonly Outcome[]): number => list.filter((outcome) => outcome.right).length;
  console.log(
    `execution accuracy ${count(live)}/${live.length} = ${percent(count(live), live.length)} (non-empty gold); all ${count(outcomes)}/${outcomes.length} = ${percent(count(outcomes), outcomes.length)}; sql errors ${errors}, abstained ${abstained}, skipped ${skipped}`,
  );
  if (unanswerable > 0) console.log(`unanswerable: ${refused}/${unanswerable} = ${percent(refused, unanswerable)} abstained`);
  const sorted = [...live].sort((a, b) => b.confidence - a.confidence);
  if (sorted.length < 20) return;
  const half = sorted.slice(0, Math.floor(sorted.length / 2));
  console.log(`most confident half: ${percent(count(half), half.length)} right`);
  for (let tenth = 0; tenth < 10; tenth += 1) {
    const part = sorted.slice(Math.floor((sorted.length * tenth) / 10), Math.floor((sorted.length * (tenth + 1)) / 10));
    const mean = part.reduce((sum, outcome) => sum + outcome.confidence, 0) / part.length;
    console.log(`  tenth ${tenth + 1}: predicted ${mean.toFixed(3)}, right ${percent(count(part), part.length)}`);
  }
};

void main().catch((thrown: unknown) => {
  console.error(thrown);
  process.exitCode = 1;
});
