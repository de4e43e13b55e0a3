import { spawn, type ChildProcess } from 'node:child_process';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

import { until } from './until';

export interface TestChild {
  readonly process: ChildProcess;
  /** What it has printed, line by line; a line that was cut off by its death is not among them. */
  readonly lines: readonly string[];
  /** Waits for a line that begins so. */
  line(start: string): Promise<string>;
  /** Its exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs a built module as a process of its own: `startChild('test/kit/database-child', ['write', directory])`. */
export function startChild(module: string, parameters: readonly string[] = []): TestChild {
  const child = spawn(process.execPath, [...builtExecArgv, builtFile(module), ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const ended = new Promise<number | NodeJS.Signals>((resolve) => child.once('close', (code, signal) => resolve(code ?? signal ?? 0)));
  return {
    process: child,
    lines,
    ended,
    line: (start) => until(() => lines.find((line) => line.startsWith(start))),
  };
}
