import type { ExecutionResult } from 'graphql';

import {
  createApolloEngine,
  createEngine,
  localSubgraph,
  type GraphEngine,
  type Interpreter,
  type Subgraph,
} from '../../../gateway/engine';
import { composeFixtures, keptLog, schemaOf, testContext } from '../kit/compose';
import { serveAllRemotely } from '../kit/remote';

import type { CorpusOperation } from './world';
import { worlds } from './worlds';

/** What has to be equal, whichever way an answer came about: the data, and whether it is complete. */
const essence = ({ data, errors, extensions }: ExecutionResult) => ({
  data: JSON.parse(JSON.stringify(data ?? null)),
  isComplete: !errors?.length && !extensions?.valueCompletion,
});

describe.each(worlds)('$name', ({ fixtures, operations }) => {
  const supergraphSdl = composeFixtures(fixtures);
  const engines = new Map<string, GraphEngine>();
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const local = (interpreter: Interpreter): Subgraph[] =>
      fixtures.map((fixture) => localSubgraph(fixture.name, schemaOf(fixture), { interpreter, jitAfter: 0 }));
    const log = keptLog();
    const add = (name: string, engine: GraphEngine): void => {
      engines.set(name, engine);
      cleanups.push(() => engine.stop());
    };
    const remote = await serveAllRemotely(fixtures);
    cleanups.push(() => remote[Symbol.asyncDispose]());
    for (const planner of ['apollo', 'hive'] as const) {
      for (const interpreter of ['graphql-js', 'compiled', 'jit'] as const)
        add(`engine, ${planner} planner, ${interpreter}`, createEngine({ supergraphSdl, subgraphs: local(interpreter), log, planner }));
      add(`engine, ${planner} planner, remote`, createEngine({ supergraphSdl, subgraphs: remote.subgraphs, log, planner }));
    }
    add('stock gateway, local', await createApolloEngine({ supergraphSdl, subgraphs: local('graphql-js'), log }));
    add('stock gateway, remote', await createApolloEngine({ supergraphSdl, subgraphs: remote.subgraphs, log }));
  });
  afterAll(async () => {
    for (const cleanup of cleanups) await cleanup();
  });

  it.each(operations)('$source', async ({ source, variables, data, beyondStock = false }: CorpusOperation) => {
    const answers = new Map<string, ReturnType<typeof essence>>();
    for (const [name, engine] of engines) answers.set(name, essence(await engine.execute({ source, variables, context: testContext() })));
    const stock = answers.get('stock gateway, local')!;
    const measure = beyondStock ? { data, isComplete: true } : stock;
    if (data !== undefined) expect(measure.data).toEqual(data);
    for (const [name, answer] of answers)
      if (!beyondStock || !name.startsWith('stock')) expect({ [name]: answer }).toEqual({ [name]: measure });
  });
});
