import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

export interface Child {
  readonly port: number;
  /** CPU time of the process so far, user and system. */
  cpuMs(): Promise<number>;
  /** What of its heap is reachable, in MB: everything else is collected first. */
  liveMegabytes(): Promise<number>;
  stop(): Promise<void>;
}

/** What the parent may ask, and what it is told. */
type Question = 'cpu' | 'live';

const running = new Set<ChildProcess>();

/** Whatever still runs, after a run that failed. */
export function stopChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a built module that tells its port. Ended by SIGKILL: a server that lingers would answer for the next one. */
export async function startChild(module: string, args: readonly string[]): Promise<Child> {
  const child: ChildProcess = fork(builtFile(module), [...args], {
    execArgv: [...builtExecArgv],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const failed = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${module} ${args[0] ?? ''} ended with ${String(code)}`)));
  failed.catch(() => undefined);
  const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }];
  const ask = async (question: Question): Promise<number> => {
    child.send(question);
    const [told] = (await once(child, 'message')) as [number];
    return told;
  };
  return {
    port,
    cpuMs: () => ask('cpu'),
    liveMegabytes: () => ask('live'),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In the child: tells the port, and its CPU time or its memory whenever it is asked. */
export function reportTo(parent: NodeJS.Process, port: number): void {
  parent.on('message', (question: Question) => parent.send?.(question === 'cpu' ? cpuMs() : liveMegabytes()));
  // A run that was ended must not leave servers behind.
  parent.on('disconnect', () => parent.exit());
  parent.send?.({ port });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function liveMegabytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed / 2 ** 20;
}
