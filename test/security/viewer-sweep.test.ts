import { startServer, type TestServer } from '../kit/server';
import { mutations, operationOf } from '../kit/schema-sweep';

/** Mutations only by their verb: they change nothing, and a viewer may read. */
const reading = new Map([
  ['semanticSearch', 'searching is reading; it is a mutation because REST sends it as POST'],
  ['draftSemanticModel', 'stores nothing: it infers a model from a schema that a viewer may read'],
]);

describe('a viewer', () => {
  let server: TestServer;
  let viewer: string;
  beforeAll(async () => {
    server = await startServer({ environment: { DEMO_DATA: 'false', RATE_LIMIT_FREE: '100000' } });
    viewer = server.token('acme', { roles: ['viewer'] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(mutations.filter(({ name }) => !reading.has(name)).map((field) => [field.name, field] as const))(
    'may not %s',
    async (_name, field) => {
      const { query, variables } = operationOf('mutation', field);
      const { errors } = await server.graphql(query, { token: viewer, variables });
      expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    },
  );
});
