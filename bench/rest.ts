import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { Command } from 'commander';
import { parse } from 'graphql';
import { Pool } from 'undici';

import { createTokenVerifier, mintToken } from '#platform/auth';
import type { Database } from '#platform/db';
import { subgraphHeader } from '#platform/graphql';
import { projectRoot } from '#platform/lifecycle';
import { createIdempotencyStore, createMemoryRateLimiter, createMemorySocketCounter } from '#platform/limits';
import { silentLogger } from '#platform/telemetry';

import { createEngine, localSubgraph } from '../gateway/engine';
import { graphqlHandler } from '../gateway/graphql-http';
import { quota } from '../gateway/plugins/rate-limit';
import { createRestFacade } from '../rest-facade';

const typeDefs = parse(`${subgraphHeader}
  enum Visibility { PRIVATE TENANT }
  type Board @key(fields: "id") { id: ID! displayName: String! visibility: Visibility! tags: [String!]! version: Int! widgets: [Widget!]! }
  type Widget { id: ID! widgetType: String! position: Position! }
  type Position { x: Int! y: Int! width: Int! height: Int! }
  type BoardConnection { nodes: [Board!]! pageInfo: PageInfo! totalCount: Int }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  input CreateBoardInput { displayName: String! visibility: Visibility tags: [String!] }
  type Query {
    board(id: ID!): Board @rest(method: "GET", path: "/boards/:id")
    boards(first: Int, after: String): BoardConnection! @rest(method: "GET", path: "/boards")
  }
  type Mutation { createBoard(input: CreateBoardInput!): Board! @rest(method: "POST", path: "/boards", status: 201) }`);

const board = (id: string) => ({
  id, displayName: `Board ${id}`, visibility: 'TENANT', tags: ['a', 'b'], version: 3,
  widgets: Array.from({ length: 4 }, (_, index) => ({ id: `w${index}`, widgetType: 'bar_chart', position: { x: index, y: 0, width: 3, height: 2 } })),
}); // prettier-ignore
const resolvers = {
  Query: {
    board: (_: unknown, { id }: { id: string }) => board(id),
    boards: (_: unknown, { first = 20 }: { first?: number }) => ({
      nodes: Array.from({ length: first }, (_unused, index) => board(`b${index}`)),
      pageInfo: { hasNextPage: false, endCursor: null },
      totalCount: first,
    }),
  },
  Mutation: { createBoard: () => board('new') },
};

const fields = 'id display_name: displayName visibility tags version widgets { id widget_type: widgetType position { x y width height } }';
const cases = [
  {
    name: 'one thing',
    rest: { method: 'GET', path: '/api/v1/boards/b1' },
    query: `query Q($id: ID!) { result: board(id: $id) { ${fields} } }`,
    variables: { id: 'b1' },
  },
  {
    name: 'list of 20', rest: { method: 'GET', path: '/api/v1/boards?limit=20' },
    query: `query Q($first: Int) { result: boards(first: $first) { items: nodes { ${fields} } page: pageInfo { endCursor hasNextPage } total: totalCount } }`, variables: { first: 20 },
  }, // prettier-ignore
  {
    name: 'write', rest: { method: 'POST', path: '/api/v1/boards', body: { display_name: 'x', visibility: 'tenant', tags: ['a'] } },
    query: `mutation Q($input: CreateBoardInput!) { result: createBoard(input: $input) { ${fields} } }`, variables: { input: { displayName: 'x', visibility: 'TENANT', tags: ['a'] } },
  }, // prettier-ignore
];

/** No request of this run has an Idempotency-Key. */
const noDatabase = {} as Database;

interface Arguments {
  readonly requests: number;
  readonly rounds: number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function main(): Promise<void> {
  const { requests, rounds } = new Command()
    .option('--requests <n>', 'requests a round', Number, 1_500)
    .option('--rounds <n>', 'rounds of each door, in turns', Number, 5)
    .parse()
    .opts<Arguments>();
  const composed = composeServices([{ name: 'boards', url: 'http://boards.invalid/', typeDefs }]);
  if (composed.errors) throw composed.errors[0]!;
  const subgraph = localSubgraph('boards', buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]));
  const engine = createEngine({ supergraphSdl: composed.supergraphSdl, subgraphs: [subgraph], log: silentLogger });
  const secret = 'a secret of at least thirty-two characters';
  const token = mintToken(secret, { tenantId: 'bench', userId: 'bench', roles: ['admin'] });
  const verifier = createTokenVerifier({ key: { secret } });
  const limiter = createMemoryRateLimiter();
  const rule = { limit: 100_000_000, windowMs: 60_000 };
  const tierRules = { free: rule, standard: rule, enterprise: rule };
  const authenticate = async (given: string | undefined) => ({ ...(await verifier.verify(given)), tier: 'enterprise' as const });
  const facade = createRestFacade({
    engine, authenticate, limiter, tierRules, logger: silentLogger, sockets: createMemorySocketCounter(),
    idempotency: createIdempotencyStore({ db: noDatabase }), socketCaps: { free: 1, standard: 1, enterprise: 1 },
  }); // prettier-ignore
  const count = quota({ limiter, tierRules });
  const graphql = graphqlHandler({
    engine,
    log: silentLogger,
    async identify(request) {
      const caller = await authenticate(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
      await count(caller);
      return caller;
    },
  });
  const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => unknown) => {
    const server = createServer((request, response) => void handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { server, pool: new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 8 }) };
  };
  const doors = { graphql: await listen(graphql), rest: await listen((request, response) => facade.handle(request, response)) };
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' };

  const rows = [];
  for (const { name, rest, query, variables } of cases) {
    const calls = {
      graphql: { method: 'POST', path: '/graphql', body: JSON.stringify({ query, variables }) },
      rest: { method: rest.method, path: rest.path, ...('body' in rest ? { body: JSON.stringify(rest.body) } : {}) },
    };
    const round = async (door: 'graphql' | 'rest', total: number) => {
      const started = performance.now();
      const before = process.cpuUsage();
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < total) {
          next += 1;
          const { statusCode, body } = await doors[door].pool.request({ ...calls[door], headers } as never);
          const text = await body.text();
          if (statusCode > 201 || text.includes('"errors":[{')) throw new Error(`${door} ${statusCode}: ${text.slice(0, 300)}`);
        }
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      const { user, system } = process.cpuUsage(before);
      return { perSecond: (total / (performance.now() - started)) * 1_000, cpuMicros: (user + system) / total };
    };
    await round('graphql', 500);
    await round('rest', 500);
    const measured = { graphql: [] as Awaited<ReturnType<typeof round>>[], rest: [] as Awaited<ReturnType<typeof round>>[] };
    for (let index = 0; index < rounds; index += 1)
      for (const door of ['graphql', 'rest'] as const) measured[door].push(await round(door, requests));
    const of = (door: 'graphql' | 'rest', key: 'perSecond' | 'cpuMicros') => Math.round(median(measured[door].map((one) => one[key])));
    const restCpu = of('rest', 'cpuMicros') / of('graphql', 'cpuMicros');
    rows.push({
      case: name, graphqlPerSecond: of('graphql', 'perSecond'), restPerSecond: of('rest', 'perSecond'), graphqlCpuMicros: of('graphql', 'cpuMicros'),
      restCpuMicros: of('rest', 'cpuMicros'), restToGraphqlCpu: Math.round(restCpu * 100) / 100,
      restToGraphqlTime: Math.round((of('graphql', 'perSecond') / of('rest', 'perSecond')) * 100) / 100,
    }); // prettier-ignore
  }
  console.table(rows);
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    requests,
    rounds,
  };
  const folder = path.join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'rest.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  for (const { server, pool } of Object.values(doors)) {
    await pool.destroy();
    server.closeAllConnections();
    server.close();
  }
  await limiter.close();
  await engine.stop();
}

void main();
