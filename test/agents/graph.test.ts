import { graphql, parse, subscribe, type ExecutionResult } from 'graphql';

import type { Caller } from '#platform/auth';
import { createRequestContext } from '#platform/graphql';

import { caller } from '../kit/caller';

import { agentsWorld, type AgentsWorld } from './world';

let world: AgentsWorld;
beforeAll(async () => void (world = await agentsWorld()));
afterAll(async () => world[Symbol.asyncDispose]());

const run = async (me: Caller, source: string, variableValues: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
  const { data, errors } = await graphql({
    schema: world.agents.schema,
    source,
    variableValues,
    contextValue: createRequestContext({ caller: me, requestId: 'req-1' }),
  });
  if (errors) throw errors[0]!;
  return data!;
};

it('processes a message, asks for approval and goes on, through the graph', async () => {
  const me = caller();
  const { agentCatalogue } = await run(
    me,
    '{ agentCatalogue { types { agentId type role config { tools limits { maxIterations timeoutSeconds } } versions { version } } agents { id } tools { name effect } } }',
  );
  expect((agentCatalogue as { types: { type: string }[] }).types.map(({ type }) => type)).toEqual([
    'CONVERSATIONAL',
    'SPECIALIST',
    'SUPERVISOR',
    'WORKER',
  ]);

  const { processMessage } = await run(
    me,
    'mutation ($input: ProcessMessageInput!) { processMessage(input: $input) { id runId content status requiresApproval approvalId toolCalls { id tool input } toolResults { callId status } executionTimeMs tokensUsed agent { name } } }',
    {
      input: { sessionId: 's-1', message: 'create a dashboard called Graph with revenue by region', agentConfig: { maxIterations: 5 } },
    },
  );
  const waiting = processMessage as { runId: string; approvalId: string };
  expect(waiting).toMatchObject({ status: 'WAITING_APPROVAL', requiresApproval: true, agent: { name: 'Assistant' } });

  const { pendingApprovals } = await run(me, '{ pendingApprovals { nodes { approvalId tool reason input run { status } } } }');
  expect(pendingApprovals).toMatchObject({
    nodes: [{ approvalId: waiting.approvalId, tool: 'create_dashboard', run: { status: 'WAITING_APPROVAL' } }],
  });
  await run(me, 'mutation ($input: DecideApprovalInput!) { approveStep(input: $input) { status } }', {
    input: { id: waiting.approvalId, notes: 'ok' },
  });

  const controller = new AbortController();
  const events = (await subscribe({
    schema: world.agents.schema,
    document: parse('subscription ($s: ID) { agentEvents(sessionId: $s) { sequence type data run { status } } }'),
    variableValues: { s: 's-1' },
    contextValue: createRequestContext({ caller: me, requestId: 'req-2', signal: controller.signal }),
  })) as AsyncGenerator<ExecutionResult>;
  const types: string[] = [];
  for await (const { data } of events) {
    const { type } = (data as { agentEvents: { type: string } }).agentEvents;
    types.push(type);
    if (type === 'stream_end') break;
  }
  controller.abort();
  expect(types.filter((type) => type !== 'status')).toEqual([
    'stream_start',
    'tool_call',
    'tool_result',
    'tool_call',
    'approval_required',
    'approval_resolved',
    'tool_result',
    'text',
    'stream_end',
  ]);
  const { agentRun, agentRunEvents } = await run(
    me,
    'query ($id: ID!) { agentRun(runId: $id) { status content session { id } } agentRunEvents(runId: $id, after: 0) { events { type } } }',
    { id: waiting.runId },
  );
  expect(agentRun).toMatchObject({ status: 'COMPLETED', session: null });
  expect((agentRunEvents as { events: unknown[] }).events).toHaveLength(types.length);
});

it('makes, changes and deletes an agent through the graph, its versions included', async () => {
  const me = caller();
  const made = (await run(me, 'mutation { createAgent(input: { name: "a", tools: ["ask_data"] }) { agentId version } }')).createAgent as {
    agentId: string;
  };
  await run(me, 'mutation ($input: UpdateAgentInput!) { updateAgent(input: $input) { version } }', {
    input: { agentId: made.agentId, name: 'b' },
  });
  const { deleteAgent } = await run(
    me,
    'mutation ($input: AgentInput!) { deleteAgent(input: $input) { name versions { version changedBy } } }',
    { input: { agentId: made.agentId } },
  );
  expect(deleteAgent).toMatchObject({ name: 'b', versions: [{ version: 2 }, { version: 1, changedBy: me.userId }] });
});

it('gives messages their runs in one query, whatever their number', async () => {
  const me = caller();
  const { runs } = world.agents.services;
  const ids = ['msg-1', 'msg-2', 'msg-3', 'msg-4'];
  for (const messageId of ids)
    await runs.settle(me, (await runs.start(me, { message: 'orders by region', messageId })).id, new AbortController().signal);
  const inTenant = jest.spyOn(world.db, 'inTenant');
  const read = async (of: readonly string[]): Promise<number> => {
    inTenant.mockClear();
    const { _entities } = await run(
      me,
      'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Message { run { status agent { name } } } } }',
      { of: of.map((id) => ({ __typename: 'Message', id })) },
    );
    expect(_entities).toEqual(of.map(() => ({ run: { status: 'COMPLETED', agent: { name: 'Assistant' } } })));
    return inTenant.mock.calls.length;
  };
  expect(await read(ids.slice(0, 1))).toBe(await read(ids));
  inTenant.mockRestore();
});

it('shows and changes guardrails, and hides memory of others', async () => {
  const me = caller();
  const { guardrails } = await run(me, '{ guardrails { guardrails { name enabled thresholds } } }');
  expect((guardrails as { guardrails: unknown[] }).guardrails).toHaveLength(7);
  const { updateGuardrail } = await run(
    me,
    'mutation { updateGuardrail(input: { name: RATE_LIMITER, enabled: true, thresholds: { runs_per_minute: 5 } }) { name thresholds } }',
  );
  expect(updateGuardrail).toEqual({ name: 'RATE_LIMITER', thresholds: { runs_per_minute: 5 } });
  await expect(
    run(me, 'mutation { updateGuardrail(input: { name: RATE_LIMITER, thresholds: { runs_per_minut: 5 } }) { name } }'),
  ).rejects.toThrow('runs_per_minut');
});

it('never shows a model what the semantic model marks as personal', async () => {
  const me = caller();
  await using guarded = await agentsWorld({
    data: {
      ask: async () => ({
        sql: 'select 1',
        explanation: 'customers',
        confidence: 1,
        clarification: null,
        queryId: null,
        sourceId: 'shop',
        columns: [
          { name: 'name', type: 'VARCHAR' },
          { name: 'Email', type: 'VARCHAR' },
        ],
        rows: [
          ['Ann', 'ann@example.com'],
          ['Bob', null],
        ],
        rowCount: 2,
        truncated: false,
      }),
      runSql: async () => ({ queryId: null, columns: [], rows: [], rowCount: 0, truncated: false }),
      checkSql: async () => ({ allowed: true, reason: null }),
      personalColumns: async () => ['email'],
    },
  });
  const done = await guarded.agents.services.runs.process(me, { sessionId: 's', message: 'list customers' }, new AbortController().signal);
  expect(JSON.stringify(done)).not.toContain('ann@example.com');
  expect(JSON.stringify(done.toolResults)).toContain('[personal]');
});
