// `npm run test:long`: the suites that ask random operations, with many more of them than `npm test` takes time for. FUZZ_RUNS says how
// many times more. @default 8
// They begin at a seed of their own in each run; FUZZ_SEED repeats one.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

const suites = ['test/gateway/corpus', 'test/gateway/product-operations', 'gateway/engine/fuzz'];
const seed = process.env.FUZZ_SEED ?? String(randomInt(1, 2 ** 31));
console.log(`FUZZ_SEED=${seed} npm run test:long repeats this run`);
const { status } = spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '--testTimeout=3600000', ...suites], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_RUNS: process.env.FUZZ_RUNS ?? '8', FUZZ_SEED: seed },
});
process.exit(status ?? 1);
