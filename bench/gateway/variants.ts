/** What is compared. `front` names the HTTP server in front of the graph: ratios are only between equal fronts. */
export interface Variant {
  readonly name: string;
  readonly front: 'Apollo Server + Express' | 'thin' | 'own';
  readonly what: string;
  /** Packages besides those of this repository. */
  readonly needs?: readonly string[];
}

export const variants: readonly Variant[] = [
  { name: 'stock-http', front: 'Apollo Server + Express', what: 'stock ApolloGateway, subgraphs over HTTP' },
  { name: 'stock-local', front: 'Apollo Server + Express', what: 'stock ApolloGateway, LocalGraphQLDataSource in process' },
  { name: 'engine-local', front: 'Apollo Server + Express', what: 'engine, subgraphs in process' },
  { name: 'engine-local-jit', front: 'Apollo Server + Express', what: 'engine, subgraphs in process (graphql-jit)' },
  { name: 'engine-remote', front: 'Apollo Server + Express', what: 'engine, subgraphs over HTTP' },
  { name: 'monolith-apollo', front: 'Apollo Server + Express', what: 'one schema, no federation' },
  { name: 'thin-stock-http', front: 'thin', what: 'stock ApolloGateway executor, subgraphs over HTTP' },
  { name: 'thin-engine-local', front: 'thin', what: 'engine, subgraphs in process' },
  { name: 'thin-engine-local-jit', front: 'thin', what: 'engine, subgraphs in process (graphql-jit)' },
  { name: 'thin-engine-local-hive', front: 'thin', what: 'engine with the Hive planner, subgraphs in process' },
  { name: 'thin-engine-remote', front: 'thin', what: 'engine, subgraphs over HTTP' },
  { name: 'monolith-yoga', front: 'own', what: 'graphql-yoga, one schema, no federation', needs: ['graphql-yoga'] },
  {
    name: 'hive-gateway',
    front: 'own',
    what: "Hive Gateway's JavaScript runtime, subgraphs over HTTP",
    needs: ['@graphql-hive/gateway-runtime', '@graphql-mesh/transport-http'],
  },
];
