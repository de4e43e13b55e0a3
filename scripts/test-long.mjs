// `npm run test:long`: the suites that ask random operations, with many more of them than `npm test` takes time for. FUZZ_RUNS says how
// many times more. @default 8
import { spawnSync } from 'node:child_process';

const suites = ['test/gateway/corpus', 'test/gateway/product-operations'];
const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--testTimeout=3600000', ...suites], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? '8' },
});
process.exit(status ?? 1);
