import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { buildDuckdbFile } from '../../subgraphs/sql/service/sandbox';

import { features, names, shown, type Figure } from './synthetic';

interface Result {
  readonly rows: number;
  readonly readSeconds: number;
  readonly seconds: number;
  readonly peakMb: number;
  readonly accuracy: number;
}

/** Numbers with five digits, as measured values have; the class by a rule of five columns. */
const column = (place: number): string => `round((hash(n * ${features} + ${place}) % 2000000)::double / 1000000 - 1, 5) as f${place}`;

export async function million(rows: number): Promise<Figure[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'million-'));
  try {
    const file = path.join(folder, 'million.duckdb');
    const columns = names.map((_, place) => column(place)).join(', ');
    const rule = 'sin(3 * f0) + 2 * f1 * f2 + case when f3 > 0.2 then f4 else -f4 end > 0';
    await buildDuckdbFile({
      target: file,
      statements: [`create table million as select *, ${rule} as y from (select ${columns} from range(0, ${rows}) as t(n))`],
    });
    const { peakMb, seconds, readSeconds, accuracy, rows: read } = await child(file);
    return [
      {
        what: `${read} × ${features} of a DuckDB file, 100 trees: peak memory of the training process`,
        wanted: 'under 2,048 MB',
        measured: `${shown(peakMb, 0)} MB; ${shown(seconds, 0)} s, of them ${shown(readSeconds, 0)} s to read; accuracy ${shown(accuracy * 100)} %`,
        met: read === rows && peakMb < 2_048,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function child(file: string): Promise<Result> {
  const started = spawn(process.execPath, [...builtExecArgv, builtFile('bench/ml/million-child'), file], { stdio: ['ignore', 'pipe', 'inherit'] }); // prettier-ignore
  let output = '';
  started.stdout.on('data', (part: Buffer) => (output += part.toString()));
  return new Promise((resolve, reject) => {
    started.on('exit', (code) => {
      const line = output.split('\n').find((each) => each.startsWith('{'));
      if (line) resolve(JSON.parse(line) as Result);
      else reject(new Error(`the training process ended with ${code}: ${output}`));
    });
  });
}
