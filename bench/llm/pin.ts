import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';

/** Keeps this process and its threads to one core, where the system can; children started afterwards stay there too. */
export function pinTo(core: number): boolean {
  if (cpus().length < 2) return false;
  return spawnSync('taskset', ['-acp', String(core), String(process.pid)], { stdio: 'ignore' }).status === 0;
}
