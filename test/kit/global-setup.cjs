// Workers and child processes run from dist, in tests as in production: build it once before any test runs.
module.exports = async () => {
  const { build } = await import('../../scripts/build.mjs');
  await build();
};
