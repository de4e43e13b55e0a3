import { spawn, type ChildProcess } from 'node:child_process';

import { builtExecArgv, builtFile, projectRoot } from '#platform/lifecycle';

// POSIX sh, not bash: Alpine has none. Where the limit is not supported the child's own watch remains.
const script = 'ulimit -c 0 2>/dev/null; ulimit -d "$0" 2>/dev/null; exec "$@"';

/** Starts a built module as a child process under a data-size limit, which is also its first argument. */
export function spawnLimited(module: string, dataLimitMb: number): ChildProcess {
  const node = [process.execPath, ...builtExecArgv, builtFile(module), String(dataLimitMb)];
  // An empty environment: a statement that somehow reads it finds no key.
  return spawn('/bin/sh', ['-c', script, String(dataLimitMb * 1024), ...node], {
    cwd: projectRoot,
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}
