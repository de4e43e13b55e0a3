// `npm test`: installs what it needs, runs the checks and every test, and closes with one line that counts them.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { ensureInstall } from './ensure-install.mjs';

ensureInstall();
const { build } = await import('./build.mjs');
await build();

const only = process.argv.slice(2);
let status = 0;
if (only.length === 0) status = spawnSync(process.execPath, ['scripts/check.mjs'], { stdio: 'inherit' }).status ?? 1;

const report = path.join(mkdtempSync(path.join(tmpdir(), 'parley-test-')), 'report.json');
const jest = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, ...only], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, NODE_OPTIONS: '--max-old-space-size=4096' },
});
status ||= jest.status ?? 1;
try {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'));
  console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
} catch {
  console.log('0 passed, 1 failed');
  status ||= 1;
}
process.exit(status);
