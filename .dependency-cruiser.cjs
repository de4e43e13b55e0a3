const DOMAIN = '^subgraphs/([^/]+)/';
// The only files that may see several domains: process entry, composition.
const ENTRY = '^(gateway/main|gateway/domains|schema/compose)\\.ts$';
const value = { dependencyTypesNot: ['type-only'] };
const TEST = '\\.test\\.ts$';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', 'Move the shared part down, or pass it in.', {}, { circular: true, viaOnly: value }),
    rule(
      'platform-is-the-floor',
      'Platform knows no domain and no edge: take what you need as an argument.',
      { path: '^platform/', pathNot: TEST },
      { path: '^(subgraphs|gateway|rest-facade|schema|console)/' },
    ),
    rule(
      'domains-do-not-import-each-other',
      'Use an entity reference, an event, or a port in service/ports.ts.',
      { path: DOMAIN },
      { path: DOMAIN, pathNot: '^subgraphs/$1/' },
    ),
    rule(
      'domains-know-no-edge',
      'A domain is served; it does not know by whom.',
      { path: DOMAIN, pathNot: TEST },
      { path: '^(gateway|rest-facade|schema|console)/' },
    ),
    rule(
      'resolvers-go-through-services',
      'Permission and rules live in the service: call it.',
      { path: '^subgraphs/[^/]+/resolvers/', pathNot: TEST },
      { path: '^subgraphs/[^/]+/store/' },
    ),
    rule(
      'services-know-no-transport',
      'Return domain values and throw catalogue errors; types may be imported.',
      { path: '^subgraphs/[^/]+/(service|store)/', pathNot: TEST },
      { path: '^subgraphs/[^/]+/(resolvers|schema)/|node_modules/(type-graphql|graphql|@apollo|express)/', ...value },
    ),
    rule(
      'stores-look-down-only',
      'A store returns rows or values; the service calls it.',
      { path: '^subgraphs/[^/]+/store/', pathNot: TEST },
      { path: '^subgraphs/[^/]+/service/', ...value },
    ),
    rule(
      'edge-sees-only-contracts',
      'Use the engine or the typed client; only the entry wires domains.',
      { path: '^(gateway|rest-facade|schema)/', pathNot: `${ENTRY}|${TEST}` },
      { path: '^subgraphs/' },
    ),
    rule(
      'domains-are-entered-by-index',
      'Import the composition root only.',
      { pathNot: '^(subgraphs|test|bench)/' },
      { path: DOMAIN, pathNot: '^subgraphs/[^/]+/index\\.ts$' },
    ),
    rule(
      'gateway-knows-no-rest',
      'The facade is a client of the gateway.',
      { path: '^gateway/', pathNot: `^gateway/(main|server)\\.ts$|${TEST}` },
      { path: '^rest-facade/' },
    ),
    rule(
      'console-is-a-client',
      'The console speaks HTTP and WebSocket; types may be imported.',
      { path: '^console/' },
      { path: '^(platform|subgraphs|gateway|rest-facade|schema)/', ...value },
    ),
    rule(
      'tests-only-from-tests',
      'Move the helper into the code, or the caller into test/.',
      { pathNot: `^(test|bench)/|${TEST}` },
      { path: '^(test|bench)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Without it type-only edges are invisible.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['default', 'require', 'node'], extensions: ['.ts', '.js', '.json'] },
  },
};
