import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import path from 'node:path';

import { Command } from 'commander';

import { createBuiltInEmbedder, normalise, type Embedder } from '../subgraphs/search/service/embedding';
import { SearchIndex, type IndexEntry, type SearchMode } from '../subgraphs/search/service/index';

import { demoEntries } from './search/demo-entries';
import { judged, knowledge } from './search/judged';

import { projectRoot } from '#platform/lifecycle';

const modes: readonly SearchMode[] = ['keyword', 'vector', 'hybrid'];
const round = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;
const log = (text: string): void => void process.stdout.write(`${text}\n`);

/** nDCG@10 (Järvelin, Kekäläinen 2002) with grades 2 and 1. */
function ndcg(found: readonly string[], relevant: readonly string[]): number {
  const grade = (id: string): number => {
    const place = relevant.findIndex((ending) => id.endsWith(ending));
    return place < 0 ? 0 : place === 0 ? 2 : 1;
  };
  const gain = (grades: readonly number[]): number => grades.reduce((sum, one, place) => sum + (2 ** one - 1) / Math.log2(place + 2), 0);
  return gain(found.slice(0, 10).map(grade)) / gain(relevant.map((_, place) => (place === 0 ? 2 : 1)).slice(0, 10));
}

async function quality(location: string) {
  const embedder = createBuiltInEmbedder();
  const index = new SearchIndex({ location, embedder });
  const parts = Object.entries(knowledge).map(([name, content]): IndexEntry => ({
    id: `doc-${name}/0`, ownerId: `doc-${name}`, kind: 'part', title: name, content, userId: null, updatedAt: 0, metadata: {},
  })); // prettier-ignore
  const sources = [demoEntries('shop'), demoEntries('flights')];
  const all = { schema: sources.flatMap((one) => one.schema), values: sources.flatMap((one) => one.values), metrics: sources.flatMap((one) => one.metrics), knowledge: parts }; // prettier-ignore
  await embedder.embed(['warm']);
  const started = performance.now();
  for (const [collection, entries] of Object.entries(all)) await index.put('t', collection as 'schema', entries);
  const seconds = (performance.now() - started) / 1_000;
  const entries = Object.values(all).flat();
  const unknown = judged.flatMap(([, ...endings]) => endings).filter((ending) => !entries.some(({ id }) => id.endsWith(ending)));
  if (unknown.length > 0) throw new Error(`judged, but not indexed: ${unknown.join(', ')}`);
  const scores: Record<string, number> = {};
  for (const mode of modes) {
    let sum = 0;
    for (const [text, ...relevant] of judged) {
      const hits = await index.search('t', ['schema', 'values', 'metrics', 'knowledge'], { text, mode, limit: 10, userId: 'u' });
      sum += ndcg(hits.map(({ id }) => id), relevant); // prettier-ignore
    }
    scores[mode] = round(sum / judged.length, 3);
  }
  await index.close();
  return { queries: judged.length, entries: entries.length, entriesPerSecond: round(entries.length / seconds), ndcgAt10: scores };
}

/** Vectors without a model: what is timed is the index, not the encoder. */
function syntheticEmbedder(): Embedder {
  let state = 7;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const centres = Array.from({ length: 200 }, () => Float32Array.from({ length: 512 }, () => random() - 0.5));
  const one = (): Float32Array => {
    const centre = centres[Math.floor(random() * centres.length)]!;
    return normalise(centre.map((value) => value + (random() - 0.5) * 0.6));
  };
  return { model: 'synthetic', dimension: 512, embed: async (texts) => texts.map(one), close: () => Promise.resolve() };
}

async function latency(location: string, { chunks, queries }: { chunks: number; queries: number }) {
  const index = new SearchIndex({ location, embedder: syntheticEmbedder() });
  let state = 11;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  // Few words are frequent and most are rare, as in language.
  const word = (): string => `w${Math.floor(20_000 * random() ** 3)}`;
  const words = (count: number): string => Array.from({ length: count }, word).join(' ');
  const started = performance.now();
  for (let from = 0; from < chunks; from += 10_000) {
    const count = Math.min(10_000, chunks - from);
    await index.put('t', 'knowledge', Array.from({ length: count }, (_, place): IndexEntry => ({
      id: `c${from + place}`, ownerId: `o${from + place}`, kind: 'part', title: 'Part', content: words(60), userId: null, updatedAt: 0, metadata: {},
    }))); // prettier-ignore
  }
  await index.optimise('t', 'knowledge');
  const seconds = (performance.now() - started) / 1_000;
  const p95: Record<string, { p50: number; p95: number }> = {};
  for (const mode of modes) {
    const times: number[] = [];
    for (let place = 0; place < queries + 10; place += 1) {
      const text = words(3);
      const begun = performance.now();
      await index.search('t', ['knowledge'], { text, mode, limit: 10, userId: 'u' });
      if (place >= 10) times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    p95[mode] = { p50: round(times[Math.floor(times.length * 0.5)]!), p95: round(times[Math.floor(times.length * 0.95)]!) };
  }
  await index.close();
  return {
    chunks,
    queries,
    insertedPerSecond: Math.round(chunks / seconds),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    milliseconds: p95,
  };
}

async function main(): Promise<void> {
  const options = new Command()
    .option('--chunks <number>', 'synthetic chunks', '20000')
    .option('--queries <number>', 'timed queries a mode', '200')
    .parse()
    .opts<{ chunks: string; queries: string }>();
  const location = mkdtempSync(path.join(tmpdir(), 'parley-bench-search-'));
  const loadBefore = loadavg().map((load) => round(load));
  try {
    const judgedResult = await quality(path.join(location, 'judged'));
    log(JSON.stringify(judgedResult));
    const timed = await latency(path.join(location, 'timed'), { chunks: Number(options.chunks), queries: Number(options.queries) });
    log(JSON.stringify(timed));
    const loads = { before: loadBefore, after: loadavg().map((load) => round(load)) };
    const machine = {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      loadAverage: loads,
    };
    const folder = path.join(projectRoot, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'search.json'), `${JSON.stringify({ machine, judged: judgedResult, timed }, null, 2)}\n`);
    const { ndcgAt10 } = judgedResult;
    const rows = modes.map(
      (mode) => `| ${mode} | ${ndcgAt10[mode]} | ${timed.milliseconds[mode]!.p50} | ${timed.milliseconds[mode]!.p95} |`,
    );
    writeFileSync(
      path.join(folder, 'search.md'),
      `# Search\n
\`npm run bench:search\` (options: \`-- --chunks 100000 --queries 200\`). Quality: ${judgedResult.queries} queries over ${judgedResult.entries} entries of the demo sources and a
few texts, written and judged by the author of the benchmark (\`bench/search/judged.ts\`), not an outside data set; built-in English encoder.
Latency: ${timed.chunks} synthetic chunks of 60 words with synthetic vectors, so without the time of the encoder; one query at a time.\n
${machine.cores} cores (${machine.cpu}), Node ${machine.node}; load average before ${loads.before.join(', ')}, after ${loads.after.join(', ')}. Other work on the machine moves the times.\n
| mode | nDCG@10 | P50 ms | P95 ms |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n
Indexing: ${judgedResult.entriesPerSecond} entries a second with the encoder, ${timed.insertedPerSecond} chunks a second without it (indexes included); ${timed.rssMb} MB of memory after it.\n`,
    );
  } finally {
    rmSync(location, { recursive: true, force: true });
  }
}

void main();
