import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { builtExecArgv, builtFile } from '#platform/lifecycle';

export interface Child {
  readonly port: number;
  /** CPU time of the process so far, user and system. */
  cpuMs(): Promise<number>;
  /** Resident memory of the process, in MB. */
  megabytes(): Promise<number>;
  stop(): Promise<void>;
}

interface Usage {
  readonly cpuMs: number;
  readonly megabytes: number;
}

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
  const usage = async (): Promise<Usage> => {
    child.send('usage');
    const [told] = (await once(child, 'message')) as [Usage];
    return told;
  };
  return {
    port,
    cpuMs: async () => (await usage()).cpuMs,
    megabytes: async () => (await usage()).megabytes,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** In the child: tells the port, and its CPU time and memory whenever it is asked. */
export function reportTo(parent: NodeJS.Process, port: number): void {
  parent.on('message', () => {
    const { user, system } = process.cpuUsage();
    parent.send?.({ cpuMs: (user + system) / 1_000, megabytes: parent.memoryUsage.rss() / 2 ** 20 } satisfies Usage);
  });
  // A run that was ended must not leave servers behind.
  parent.on('disconnect', () => parent.exit());
  parent.send?.({ port });
}
