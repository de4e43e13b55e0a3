import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { builtExecArgv, builtFile, projectRoot } from '#platform/lifecycle';

/** A REST route beside the GraphQL operation that it runs, through doors with the same checks. */
export interface RestRow {
  readonly case: string;
  readonly restToGraphqlCpu: number;
  readonly restToGraphqlTime: number;
}

/** Runs `bench:rest` in a process of its own and gives what it has measured. */
export async function measureRest(requests: number, rounds: number): Promise<readonly RestRow[]> {
  const args = ['--requests', String(requests), '--rounds', String(rounds)];
  const child = spawn(process.execPath, [...builtExecArgv, builtFile('bench/rest'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`bench/rest ended with ${String(code)}`);
  const text = readFileSync(path.join(projectRoot, 'bench', 'results', 'rest.json'), 'utf8');
  return (JSON.parse(text) as { readonly rows: readonly RestRow[] }).rows;
}
