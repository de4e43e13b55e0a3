/** Developer's loop: how good are the heads? `node scripts/run.mjs bench/train/probe-heads FOLDER EVERY` */
import { loadExamples } from './examples';
import { headReport, judgeOutOfFold, note } from './out-of-fold';

const [folder = '', every = '1'] = process.argv.slice(2);
const examples = loadExamples({ folder, folds: 2, reworded: false, every: Number(every) });
note(`${examples.length} questions`);
console.log(headReport(judgeOutOfFold(examples, { folds: 2, settings: { trees: 60, depth: 5, rate: 0.15 } }).judged));
