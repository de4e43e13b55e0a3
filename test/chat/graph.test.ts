import { graphql, type ExecutionResult } from 'graphql';
import { sql } from 'kysely';

import type { Caller } from '#platform/auth';
import { createRequestContext } from '#platform/graphql';

import { caller } from '../kit/caller';

import { chatWorld, type ChatWorld } from './world';

let world: ChatWorld;
beforeAll(async () => void (world = await chatWorld()));
afterAll(async () => world[Symbol.asyncDispose]());

const run = (me: Caller, source: string, variableValues: Record<string, unknown> = {}): Promise<ExecutionResult> =>
  graphql({ schema: world.chat.schema, source, variableValues, contextValue: createRequestContext({ caller: me, requestId: 'req-1' }) });

it('holds a whole conversation through the graph', async () => {
  const me = caller();
  const created = await run(
    me,
    'mutation { createSession(input: { title: "Sales" }) { id sessionId tenantId userId status messageCount } }',
  );
  const session = created.data!.createSession as { id: string; sessionId: string };
  expect(session).toMatchObject({ sessionId: session.id, tenantId: me.tenantId, userId: me.userId, status: 'ACTIVE', messageCount: 0 });

  const input = { sessionId: session.id };
  const asked = await run(
    me,
    `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
      messageId response intent sql confidence suggestions agentsVisited executionTimeMs
      data { columns { name type } rows rowCount truncated } visualization { type xAxis yAxis spec reason altText alternatives { type } } insights { kind text sql } clarification { question }
    } }`,
    { input: { ...input, message: 'revenue by region' } },
  );
  expect(asked.errors).toBeUndefined();
  expect(asked.data!.sendMessage).toMatchObject({
    intent: 'SQL_QUERY',
    visualization: { type: 'BAR_CHART' },
    agentsVisited: ['ROUTER', 'SQL', 'VISUALIZATION'],
  });

  const changed = await run(me, 'mutation ($input: ChangeChartInput!) { changeChart(input: $input) { visualization { type } } }', {
    input: { ...input, chartType: 'PIE_CHART' },
  });
  expect(changed.data!.changeChart).toEqual({ visualization: { type: 'PIE_CHART' } });

  const history = await run(
    me,
    `query ($id: ID!) { chatHistory(sessionId: $id, first: 3) {
      totalCount pageInfo { hasNextPage endCursor } nodes { messageId role status content session { title } query { id } answer { sql } }
    } }`,
    { id: session.id },
  );
  expect(history.errors).toBeUndefined();
  const page = history.data!.chatHistory as {
    totalCount: number;
    pageInfo: { endCursor: string; hasNextPage: boolean };
    nodes: { messageId: string; role: string }[];
  };
  expect(page).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
  expect(page.nodes[1]).toMatchObject({
    role: 'ASSISTANT',
    session: { title: 'Sales' },
    query: { id: expect.stringContaining('qry-') as string },
  });
  const rest = await run(
    me,
    'query ($id: ID!, $after: String) { chatHistory(sessionId: $id, after: $after, role: null) { nodes { ordinal } } }',
    { id: session.id, after: page.pageInfo.endCursor },
  );
  expect(rest.data!.chatHistory).toEqual({ nodes: [{ ordinal: 4 }] });

  const judged = await run(me, 'mutation ($input: GiveFeedbackInput!) { giveFeedback(input: $input) { kind correctedSql } }', {
    input: { ...input, messageId: page.nodes[1]!.messageId, kind: 'CORRECTION', correctedSql: 'select 1' },
  });
  expect(judged.data!.giveFeedback).toEqual({ kind: 'CORRECTION', correctedSql: 'select 1' });

  const closed = await run(me, 'mutation ($input: SessionInput!) { closeSession(input: $input) { status } }', { input });
  expect(closed.data!.closeSession).toEqual({ status: 'CLOSED' });
  const listed = await run(me, '{ chatSessions(status: CLOSED) { totalCount nodes { title messages { content } } } }');
  expect(listed.data!.chatSessions).toMatchObject({ totalCount: 1, nodes: [{ title: 'Sales', messages: { length: 4 } }] });
});

it('loads the messages of many sessions with a constant number of transactions', async () => {
  const me = caller();
  for (let i = 0; i < 6; i += 1) {
    const { id } = await world.chat.services.sessions.create(me, {});
    await world.chat.services.turns.send(me, { sessionId: id, request: { kind: 'message', text: 'orders by region' }, requestId: null });
  }
  const inTenant = jest.spyOn(world.db, 'inTenant');
  const count = async (first: number): Promise<number> => {
    inTenant.mockClear();
    const { errors } = await run(me, `{ chatSessions(first: ${first}) { nodes { messages { content session { title } } } } }`);
    expect(errors).toBeUndefined();
    return inTenant.mock.calls.length;
  };
  expect(await count(2)).toBe(await count(6));
  inTenant.mockRestore();
});

it('resolves sessions and messages as entities, and hides another tenant’s', async () => {
  const me = caller();
  const { id } = await world.chat.services.sessions.create(me, { title: 'Mine' });
  const source = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Session { title } } }';
  const of = [{ __typename: 'Session', id }];
  expect((await run(me, source, { of })).data!._entities).toEqual([{ title: 'Mine' }]);
  const theirs = await run(caller(), source, { of });
  expect(theirs.data?._entities ?? [null]).toEqual([null]);
  expect(theirs.errors?.[0]?.originalError).toHaveCode('NOT_FOUND');
});

it('announces a finished turn to subscribers, and nothing for one that failed', async () => {
  const me = caller();
  await world.db.asSystem((tx) =>
    sql`insert into event_subscriptions (subscriber, type) values ('test', 'chat.message.completed')`.execute(tx as never),
  );
  const announced = async (): Promise<number> => {
    const { rows } = await world.db.asSystem((tx) =>
      sql<{ count: string }>`select count(*) as count from jobs where queue = 'event:test' and tenant_id = ${me.tenantId}`.execute(
        tx as never,
      ),
    );
    return Number(rows[0]!.count);
  };
  const { id } = await world.chat.services.sessions.create(me, {});
  const say = (text: string) => world.chat.services.turns.send(me, { sessionId: id, request: { kind: 'message', text }, requestId: null });
  await expect(say('explode revenue')).rejects.toHaveCode('QUERY_FAILED');
  expect(await announced()).toBe(0);
  await say('revenue by region');
  expect(await announced()).toBe(1);
});
