import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { tracing } from '@opentelemetry/sdk-node';
import { propagation } from '@opentelemetry/api';
import { core } from '@opentelemetry/sdk-node';

import { createMetrics } from '#platform/telemetry';

import { composeFixtures, keptLog, localEngine, testContext } from '../../test/gateway/kit/compose';
import { shop } from '../../test/gateway/kit/shop';
import { until } from '../../test/kit/until';
import { reloadableEngine } from '../engine';

import { combineObservers } from './combine-observers';
import { operationMetrics } from './operation-metrics';
import { operationTraces } from './operation-traces';
import { watchSupergraph } from './watch-supergraph';

it('counts operations by name from the list, the others together, and fetches by subgraph', async () => {
  const metrics = createMetrics();
  const engine = localEngine(shop().fixtures, { observer: combineObservers(operationMetrics({ metrics, names: new Set(['Known']) }), {}) });
  const ask = (source: string) => engine.execute({ source, context: testContext() });
  await ask('query Known { me { name } products { owner { email } } }');
  await ask('query Stranger { me { secret } }');
  await ask('{ me { id } }');
  const text = await metrics.text();
  expect(text).toContain('graphql_operation_seconds_count{operation="Known",kind="query",outcome="ok"} 1');
  expect(text).toContain('graphql_operation_seconds_count{operation="other",kind="query",outcome="INTERNAL_ERROR"} 1');
  expect(text).toContain('graphql_operation_seconds_count{operation="anonymous",kind="query",outcome="ok"} 1');
  expect(text).toContain('graphql_fetch_seconds_count{subgraph="catalog",kind="query",outcome="ok"} 1');
  expect(text).not.toContain('Stranger');
});

it('traces an operation below its caller and each fetch below the operation', async () => {
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  const exporter = new tracing.InMemorySpanExporter();
  const provider = new tracing.BasicTracerProvider({ spanProcessors: [new tracing.SimpleSpanProcessor(exporter)] });
  const engine = localEngine(shop().fixtures, { observer: operationTraces({ provider }) });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await engine.execute({ source: 'query Named { products(first: 1) { owner { name } } }', context: testContext({ traceparent }) });
  const spans = exporter.getFinishedSpans();
  const operation = spans.find(({ name }) => name === 'graphql.query')!;
  expect(operation.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(operation.attributes['graphql.operation.name']).toBe('Named');
  const fetches = spans.filter(({ name }) => name === 'graphql.fetch');
  expect(fetches.map(({ attributes }) => attributes['parley.subgraph'])).toEqual(['catalog', 'accounts']);
  for (const fetch of fetches) expect(fetch.parentSpanContext?.spanId).toBe(operation.spanContext().spanId);
});

it('reloads a supergraph that is replaced on disk, and keeps the old one where the new one is broken', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'supergraph-'));
  const file = path.join(folder, 'supergraph.graphql');
  const replaceFile = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  const { fixtures } = shop();
  const grown = fixtures.map((fixture) => ({ ...fixture, typeDefs: fixture.typeDefs.replace('me: User,', 'me: User, myself: String,') }));
  await replaceFile(composeFixtures(fixtures));
  const log = keptLog();
  const engine = reloadableEngine(localEngine(fixtures), { drainMs: 10 });
  const watched = watchSupergraph({ file, engine, log, settleMs: 10, build: (supergraphSdl) => localEngine(grown, { supergraphSdl }) });
  const knows = async () => !(await engine.execute({ source: '{ myself }', context: testContext() })).errors;
  expect(await knows()).toBe(false);
  await replaceFile('type Query { nonsense');
  // Told once or twice, by how many changes the writing of one file was seen as.
  await until(() => log.errors.length > 0);
  expect(await knows()).toBe(false);
  await replaceFile(composeFixtures(grown));
  await until(knows);
  watched.close();
});
