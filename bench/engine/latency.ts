/** Question → SQL on a 40-table schema, after the schema is loaded: `npm run bench:engine`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

import { createSemanticEngine } from '../../subgraphs/sql/service/engine';
import { draftModel } from '../../subgraphs/sql/service/semantic-model';
import { questions, wideCatalog } from './schema';

const now = new Date('2025-01-15T12:00:00Z');
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
const round = (value: number): number => Math.round(value * 100) / 100;

function main(): void {
  const catalog = wideCatalog();
  const started = performance.now();
  const engine = createSemanticEngine(catalog, draftModel(catalog));
  const buildMs = performance.now() - started;
  const firstStarted = performance.now();
  engine.generate(questions[0]!, { now });
  const firstMs = performance.now() - firstStarted;
  // What runs often is compiled while it runs: the first half of the questions is asked until that is done, the other half is measured.
  const half = questions.length / 2;
  const coldTimes = questions.slice(1, half).map((question) => {
    const at = performance.now();
    engine.generate(question, { now });
    return performance.now() - at;
  });
  for (let round = 0; round < 3; round += 1) for (const question of questions.slice(0, half)) engine.generate(question, { now });
  const measured = questions.slice(half);
  const times: number[] = [];
  const cpuTimes: number[] = [];
  let answered = 0;
  for (const question of measured) {
    const at = performance.now();
    const cpu = process.cpuUsage();
    const { sql } = engine.generate(question, { now });
    times.push(performance.now() - at);
    const spent = process.cpuUsage(cpu);
    cpuTimes.push((spent.user + spent.system) / 1_000);
    if (sql !== null) answered += 1;
  }
  times.sort((a, b) => a - b);
  coldTimes.sort((a, b) => a - b);
  // Wall time counts whatever else the machine does; the processor's time is the engine's own.
  cpuTimes.sort((a, b) => a - b);
  const columns = catalog.tables.reduce((sum, table) => sum + table.columns.length, 0);
  const result = {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      node: process.version,
    },
    schema: {
      tables: catalog.tables.length,
      columns,
      values: catalog.tables.reduce((sum, table) => sum + table.columns.reduce((a, c) => a + (c.values?.length ?? 0), 0), 0),
    },
    questions: measured.length,
    answered,
    buildMs: round(buildMs),
    firstMs: round(firstMs),
    coldP50Ms: round(percentile(coldTimes, 0.5)),
    coldP95Ms: round(percentile(coldTimes, 0.95)),
    p50Ms: round(percentile(times, 0.5)),
    p95Ms: round(percentile(times, 0.95)),
    cpuP50Ms: round(percentile(cpuTimes, 0.5)),
    cpuP95Ms: round(percentile(cpuTimes, 0.95)),
    maxMs: round(times.at(-1)!),
    heapMb: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
  };
  console.table([
    {
      tables: result.schema.tables,
      questions: result.questions,
      answered,
      build: result.buildMs,
      first: result.firstMs,
      coldP50: result.coldP50Ms,
      coldP95: result.coldP95Ms,
      p50: result.p50Ms,
      p95: result.p95Ms,
      cpuP50: result.cpuP50Ms,
      cpuP95: result.cpuP95Ms,
      max: result.maxMs,
      heapMb: result.heapMb,
    },
  ]);
  mkdirSync('bench/results', { recursive: true });
  writeFileSync('bench/results/engine-latency.json', `${JSON.stringify(result, null, 2)}\n`);
}

main();
