// Every check that needs no server, in the order of how fast it fails. Prints each one's output only where it fails.
import { spawnSync } from 'node:child_process';

const checks = ['check:deps', 'check:format', 'check:schema', 'check:types', 'check:lint'];
let failed = 0;
for (const check of checks) {
  const started = performance.now();
  const result = spawnSync('npm', ['run', '--silent', check], { encoding: 'utf8', shell: process.platform === 'win32' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${result.status === 0 ? 'ok    ' : 'FAILED'} ${check} (${seconds} s)`);
  if (result.status !== 0) {
    failed += 1;
    console.log(`${result.stdout}${result.stderr}`);
  }
}
process.exit(failed === 0 ? 0 : 1);
