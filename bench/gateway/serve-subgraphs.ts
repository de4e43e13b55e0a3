import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { parse, type DocumentNode } from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';

import { reportTo } from './child';
import { benchSubgraphs } from './subgraphs';

// All subgraphs in one process, as lean as JavaScript allows, so that what is in front of them is what is measured.
const schemas = new Map(benchSubgraphs().map(({ name, schema }) => [name, schema]));
const compiled = new Map<string, CompiledQuery>();

function compile(name: string, source: string, document: DocumentNode): CompiledQuery {
  const query = compileQuery(schemas.get(name)!, document);
  if (!isCompiledQuery(query)) throw new Error(JSON.stringify(query));
  compiled.set(`${name}\n${source}`, query);
  return query;
}

const server = createServer((request, response) => {
  const name = (request.url ?? '').slice(1);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
      query: string;
      variables?: Record<string, unknown>;
    };
    const run = compiled.get(`${name}\n${query}`) ?? compile(name, query, parse(query));
    void Promise.resolve(run.query(undefined, {}, variables ?? {})).then((result) => {
      const body = JSON.stringify(result);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => reportTo(process, (server.address() as AddressInfo).port));
