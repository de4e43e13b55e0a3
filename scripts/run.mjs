// Builds, then runs one built module with the remaining arguments: `node scripts/run.mjs bench/eval/run --questions …`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const [module, ...rest] = process.argv.slice(2);
await build();
const child = spawn(
  process.execPath,
  ['-C', 'dist', ...(process.env.PARLEY_NODE_FLAGS ?? '').split(' ').filter(Boolean), path.join(root, 'dist', `${module}.js`), ...rest],
  // Memory as in the Dockerfile, which says why.
  { stdio: 'inherit', env: { MALLOC_ARENA_MAX: '4', ...process.env } },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
