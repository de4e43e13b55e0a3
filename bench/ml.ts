import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, getPriority, loadavg, totalmem } from 'node:os';
import path from 'node:path';

import { Command } from 'commander';

import { projectRoot } from '#platform/lifecycle';

import { forecasts } from './ml/forecasts';
import { million } from './ml/million';
import { parity } from './ml/parity';
import { serving } from './ml/serving';
import { versusXgboost } from './ml/versus-xgboost';
import type { Figure } from './ml/synthetic';

interface Options {
  readonly rows: number;
  readonly million: number;
  readonly requests: number;
}

async function run(): Promise<void> {
  const options = new Command()
    .option('--rows <n>', 'rows of the comparison with ml-xgboost', Number, 50_000)
    .option('--million <n>', 'rows of the training whose memory is measured', Number, 1_000_000)
    .option('--requests <n>', 'predictions through REST', Number, 5_000)
    .parse()
    .opts<Options>();
  const load = loadavg()[0]!;
  const figures: Figure[] = [];
  const parts = [() => versusXgboost(options.rows), () => million(options.million), () => serving(options.requests), () => parity(10_000), forecasts]; // prettier-ignore
  for (const part of parts) {
    const found = await part();
    found.forEach(({ what, measured }) => console.error(`${what}: ${measured}`));
    figures.push(...found);
  }
  const machine = {
    cpus: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    load,
    niceness: getPriority(),
  };
  const mark = (met: boolean | null): string => (met === null ? '' : met ? 'yes' : '**no**');
  const text = [
    '# ML: training, prediction, forecasts',
    '',
    `${machine.cpus}, ${machine.memoryGb} GB, Node ${machine.node}; niceness ${machine.niceness}, load average ${load.toFixed(1)} at the start: with more than there are processors, times hold against each other rather than alone.`,
    'Again: `npm run bench:ml` (options: `-- --rows 50000 --million 1000000 --requests 5000`).',
    '',
    '| what | wanted | measured | met |',
    '| --- | --- | --- | --- |',
    ...figures.map(({ what, wanted, measured, met }) => `| ${what} | ${wanted} | ${measured} | ${mark(met)} |`),
    '',
  ].join('\n');
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'ml.json'), `${JSON.stringify({ machine, options, figures }, null, 2)}\n`);
  writeFileSync(path.join(folder, 'ml.md'), text);
  console.log(text);
}

run().then(
  // Runtimes keep threads of their own.
  () => process.exit(0),
  (thrown: unknown) => {
    console.error(thrown);
    process.exit(1);
  },
);
