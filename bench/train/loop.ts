/**
 * Developer's loop: heads, candidates and ranker, trained on half of the databases and scored on the other half, both ways.
 * `node scripts/run.mjs bench/train/loop FOLDER [EVERY] [syn] [errors N]`
 */
import { mkdirSync, writeFileSync } from 'node:fs';

import { Scorer } from '#platform/boosting';

import { loadExamples } from './examples';
import { headReport, judgeOutOfFold, note } from './out-of-fold';
import { buildCandidates, trainRanker } from './rank';
import { saveCandidates } from './store';
import { partErrors, scoreAll, summary } from './report';

const [folder = '', every = '1', ...flags] = process.argv.slice(2);
const folds = 2;
const examples = loadExamples({ folder, folds, reworded: flags.includes('syn'), every: Number(every) });
note(`${examples.length} questions`);
const { judged } = judgeOutOfFold(examples, { folds, settings: { trees: 70, depth: 5, rate: 0.12 } });
console.log(headReport(judged));
const set = buildCandidates(judged, { candidates: 60 });
note(`${set.questions.reduce((sum, question) => sum + question.drafts.length, 0)} candidates of ${set.names.length} features`);
const rankers = Array.from(
  { length: folds },
  (_, fold) =>
    new Scorer(
      trainRanker(
        set,
        set.questions.filter((question) => question.judged.example.db.fold !== fold),
      ),
    ),
);
note('ranker done');
for (const reworded of [false, true]) {
  const rows = set.questions.filter((question) => question.judged.example.reworded === reworded);
  if (rows.length === 0) continue;
  console.log(reworded ? 'reworded' : 'plain');
  console.log('sum only:', summary(scoreAll(rows, () => undefined)));
  const scored = scoreAll(rows, (question) => rankers[question.judged.example.db.fold]);
  console.log('ranked:  ', summary(scored));
  console.log(partErrors(scored));
  const wanted = flags.indexOf('errors');
  if (wanted >= 0) {
    mkdirSync('.cache', { recursive: true });
    const lines = scored
      .filter((row) => !row.question.judged.example.empty && !row.question.right[row.order[0] ?? -1])
      .map((row) => {
        const { example } = row.question.judged;
        return `${row.question.right.includes(1) ? 'RANK' : 'GEN '} ${example.db.id} | ${example.text}\n  gold ${example.goldSql}\n  ours ${(row.question.sqls[row.order[0] ?? 0] ?? '').replace(/\s+/g, ' ')}`;
      });
    writeFileSync(`.cache/errors-${reworded ? 'reworded' : 'plain'}.txt`, lines.join('\n'));
  }
}
const gains = rankers[0]!.model.importance.map((gain, index) => ({ gain, name: set.names[index]! })).sort((a, b) => b.gain - a.gain);
console.log(
  gains
    .slice(0, 25)
    .map(({ name, gain }) => `${name} ${(100 * gain).toFixed(1)}`)
    .join(', '),
);
if (flags.includes('save')) saveCandidates('.cache/candidates', set);
