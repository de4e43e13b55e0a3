import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';

import { Command } from 'commander';

import { modes, quality, type Quality } from './search/quality';
import { timed, type Timed } from './search/synthetic';

import { projectRoot } from '#platform/lifecycle';

const log = (text: string): void => void process.stdout.write(`${text}\n`);
const load = (): number[] => loadavg().map((value) => Math.round(value * 10) / 10);

interface Machine {
  readonly cpu: string | undefined;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly loadAverage: { readonly before: readonly number[]; readonly after: readonly number[] };
}

function report(machine: Machine, judged: Quality, speed: Timed): string {
  const { cores, cpu, node, loadAverage } = machine;
  const names = Object.keys(judged.byCollection);
  return `# Search

\`npm run bench:search\` (options: \`-- --chunks 100000 --queries 200\`).

${cores} cores (${cpu}), Node ${node}; load average before ${loadAverage.before.join(', ')}, after ${loadAverage.after.join(', ')}. Other work on the machine moves the times.

## Quality

${judged.queries} queries with graded answers (\`bench/search/judged.tsv\`) over ${judged.entries} entries: the demo sources, and documents, dashboards and conversations
written for it (\`bench/search/corpus.ts\`). Queries, texts and judgements are by the author of the benchmark, not an outside data set. Every query
is asked over all collections at once; built-in English encoder. nDCG@10:

| best answer in | ${modes.join(' | ')} |
| --- | --- | --- | --- |
| **all** | ${modes.map((mode) => `**${judged.ndcgAt10[mode]}**`).join(' | ')} |
${names.map((name) => `| ${name} | ${modes.map((mode) => judged.byCollection[name]![mode]).join(' | ')} |`).join('\n')}

## Speed

${speed.chunks} synthetic chunks of 60 words with synthetic vectors of 512 dimensions in one table, so without the time of the encoder; one query at a time,
${speed.queries} a mode, until the ten best are fetched. ${speed.approximate ? 'The vectors are looked up in an index (ANN)' : 'Every vector is compared'}; of the ten nearest by comparing all, it finds ${Math.round(speed.recallAt10 * 1000) / 10} %.

| mode | P50 ms | P95 ms |
| --- | --- | --- |
${modes.map((mode) => `| ${mode} | ${speed.milliseconds[mode]!.p50} | ${speed.milliseconds[mode]!.p95} |`).join('\n')}

Indexing: ${Math.round(speed.chunks / (speed.insertSeconds + speed.indexSeconds))} chunks a second with all indexes (${speed.insertSeconds} s writing in batches of 5,000, ${speed.indexSeconds} s a last round of the indexes); with the
built-in encoder it is the encoder that counts: ${judged.entriesPerSecond} entries a second. Memory of the process at its highest: ${speed.peakRssMb} MB.
`;
}

async function main(): Promise<void> {
  const options = new Command()
    .option('--chunks <number>', 'synthetic chunks', '100000')
    .option('--queries <number>', 'timed queries a mode', '200')
    .parse()
    .opts<{ chunks: string; queries: string }>();
  const location = mkdtempSync(path.join(tmpdir(), 'parley-bench-search-'));
  const before = load();
  try {
    const judged = await quality(path.join(location, 'judged'));
    log(JSON.stringify(judged));
    const speed = await timed(path.join(location, 'timed'), { chunks: Number(options.chunks), queries: Number(options.queries) });
    log(JSON.stringify(speed));
    const machine: Machine = {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      loadAverage: { before, after: load() },
    };
    const folder = path.join(projectRoot, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'search.json'), `${JSON.stringify({ machine, judged, timed: speed }, null, 2)}\n`);
    writeFileSync(path.join(folder, 'search.md'), report(machine, judged, speed));
  } finally {
    rmSync(location, { recursive: true, force: true });
  }
}

void main();
