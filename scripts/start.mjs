// `npm start`: installs and builds where needed, then becomes the server. Arguments go to it: `npm start -- --data sales.csv`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ensureInstall } from './ensure-install.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
ensureInstall();
const { build } = await import('./build.mjs');
const started = performance.now();
const built = await build();
if (built > 0) console.log(`Built ${built} files in ${((performance.now() - started) / 1000).toFixed(1)} s.`);

// A process group of its own, so that Ctrl-C reaches the server once, through here; the channel tells it when this process is gone.
const child = spawn(process.execPath, ['-C', 'dist', path.join(root, 'dist/gateway/main.js'), ...process.argv.slice(2)], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  // As in the Dockerfile, which says why.
  env: { MALLOC_ARENA_MAX: '4', ...process.env },
  detached: process.platform !== 'win32',
});
let signalledAt = -Infinity;
const forward = (signal) => {
  // The terminal and npm both pass Ctrl-C on: what follows within half a second is the same one, later it is a second wish.
  if (performance.now() - signalledAt < 500) return;
  signalledAt = performance.now();
  child.kill(signal);
};
process.on('SIGINT', () => forward('SIGINT'));
process.on('SIGTERM', () => forward('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 1));
