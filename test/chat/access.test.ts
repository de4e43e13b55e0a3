import { graphql, type GraphQLSchema } from 'graphql';

import type { Caller } from '#platform/auth';
import { findAppError } from '#platform/errors';
import { createRequestContext } from '#platform/graphql';

import { agentsWorld, type AgentsWorld } from '../agents/world';
import { caller } from '../kit/caller';

import { sweep, type SweptOperation } from './sweep';
import { chatWorld, type ChatWorld } from './world';

let chat: ChatWorld;
let agents: AgentsWorld;
beforeAll(async () => {
  [chat, agents] = await Promise.all([chatWorld(), agentsWorld()]);
});
afterAll(async () => {
  await chat[Symbol.asyncDispose]();
  await agents[Symbol.asyncDispose]();
});

const codeOf = async (schema: GraphQLSchema, me: Caller, { source, variables }: SweptOperation): Promise<string | undefined> => {
  const { errors } = await graphql({
    schema,
    source,
    variableValues: variables,
    contextValue: createRequestContext({ caller: me, requestId: 'req' }),
  });
  const [error] = errors ?? [];
  return error && (findAppError(error)?.code ?? error.message);
};

const codes = async (
  schema: GraphQLSchema,
  me: Caller,
  operations: readonly SweptOperation[],
): Promise<Record<string, string | undefined>> =>
  Object.fromEntries(
    await Promise.all(operations.map(async (operation) => [operation.name, await codeOf(schema, me, operation)] as const)),
  );

const all = (operations: readonly SweptOperation[], code: string): Record<string, string> =>
  Object.fromEntries(operations.map(({ name }) => [name, code]));

it('forbids a viewer every mutation of both domains', async () => {
  const viewer = caller({ roles: ['viewer'] });
  for (const schema of [chat.chat.schema, agents.agents.schema]) {
    const mutations = sweep(schema, 'mutation', 'x-1');
    expect(mutations.length).toBeGreaterThan(8);
    expect(await codes(schema, viewer, mutations)).toEqual(all(mutations, 'FORBIDDEN'));
  }
});

it('answers NOT_FOUND for another tenant’s session and message, at every operation that takes an id', async () => {
  const owner = caller();
  const { sessions, turns } = chat.chat.services;
  const { id } = await sessions.create(owner, {});
  await turns.send(owner, { sessionId: id, request: { kind: 'message', text: 'orders by region' }, requestId: null });
  const before = JSON.stringify(await sessions.get(owner, id));
  const operations = (['query', 'mutation'] as const)
    .flatMap((kind) => sweep(chat.chat.schema, kind, id))
    .filter(({ takesId, name }) => takesId && name !== 'startTurn');
  expect(await codes(chat.chat.schema, caller(), operations)).toEqual(all(operations, 'NOT_FOUND'));
  expect(JSON.stringify(await sessions.get(owner, id))).toBe(before);
});

it('answers NOT_FOUND for another tenant’s run, agent, team and approval', async () => {
  const owner = caller();
  const { runs, agents: service, approvals } = agents.agents.services;
  const run = await runs.process(
    owner,
    { sessionId: 's', message: 'create a dashboard called Mine with revenue by region' },
    new AbortController().signal,
  );
  const agent = await service.create(owner, { name: 'mine' });
  const team = await service.createTeam(owner, { name: 'mine', mode: 'parallel', agentIds: [agent.id] });
  const other = caller();
  // These only name a session of the caller's own, an id that is free to choose.
  const free = new Set(['processMessage']);
  for (const id of [run.id, agent.id, team.id, run.approvalId!]) {
    const operations = (['query', 'mutation'] as const)
      .flatMap((kind) => sweep(agents.agents.schema, kind, id))
      .filter(({ takesId, name }) => takesId && !free.has(name));
    expect(operations.length).toBeGreaterThan(5);
    expect(await codes(agents.agents.schema, other, operations)).toEqual(all(operations, 'NOT_FOUND'));
  }
  expect((await runs.get(owner, run.id)).status).toBe('waiting_approval');
  expect((await approvals.getMany(owner, [run.approvalId!]))[0]).toMatchObject({ status: 'pending' });
  expect(agents.dashboards.made).toEqual([]);
});
