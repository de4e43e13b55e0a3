/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  roots: ['platform', 'subgraphs', 'gateway', 'schema', 'rest-facade', 'test', 'bench'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest'] },
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/kit/global-setup.cjs',
  setupFiles: ['<rootDir>/test/kit/setup.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/kit/matchers.ts'],
  maxWorkers: 2,
  testTimeout: 180_000,
};
