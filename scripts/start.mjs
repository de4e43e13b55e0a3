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

const child = spawn(process.execPath, ['-C', 'dist', path.join(root, 'dist/gateway/main.js'), ...process.argv.slice(2)], { stdio: 'inherit', cwd: process.cwd() });
// Ctrl-C reaches the whole foreground group, so the server has the signal already; passing it on serves `kill` on this process.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
