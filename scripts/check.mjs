// Every check that needs no server, two at a time: the long ones begin first. Prints each one's output only where it fails.
import { spawn } from 'node:child_process';

const waiting = ['check:lint', 'check:types', 'check:format', 'check:schema', 'check:deps'];
let failed = 0;

const run = (check) =>
  new Promise((resolve) => {
    const started = performance.now();
    const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => (output += error.message));
    child.once('close', (status) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${check} (${seconds} s)`);
      if (status !== 0) {
        failed += 1;
        console.log(output);
      }
      resolve();
    });
  });

const lane = async () => {
  for (let check = waiting.shift(); check; check = waiting.shift()) await run(check);
};
await Promise.all([lane(), lane()]);
process.exit(failed === 0 ? 0 : 1);
