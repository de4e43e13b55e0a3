import { sql } from 'kysely';

import { caller } from '../kit/caller';
import { until } from '../kit/until';

import { agentsWorld, type AgentsWorld } from './world';

let world: AgentsWorld;
beforeAll(async () => void (world = await agentsWorld()));
afterAll(async () => world[Symbol.asyncDispose]());

const never = new AbortController().signal;
const ask = (me: ReturnType<typeof caller>, message: string, rest: object = {}) =>
  world.agents.services.runs.process(me, { sessionId: 'talk', message, ...rest }, never);
/** Events reach a log after the commit that they tell of, and one log after the other. */
const ended = (tenantId: string, name: string) =>
  until(async () => {
    const events = await world.log.read({ tenantId, name }, 0);
    return events.some(({ type }) => type === 'stream_end') ? events : null;
  });

it('answers a question with tools and no model, step by step in its log', async () => {
  const me = caller();
  const run = await ask(me, 'revenue by region');
  expect(run).toMatchObject({ status: 'completed', requiresApproval: false, tokensUsed: 0, error: null });
  expect(run.toolCalls.map(({ tool }) => tool)).toEqual(['ask_data', 'make_chart']);
  expect(run.toolResults.map(({ status }) => status)).toEqual(['completed', 'completed']);
  expect(run.content).toContain('revenue by region: 3 rows');
  const events = await ended(me.tenantId, `run:${run.id}`);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
  const told = events.map(({ type }) => type).filter((type) => type !== 'status');
  expect(told).toEqual(['stream_start', 'tool_call', 'tool_result', 'tool_call', 'tool_result', 'text', 'stream_end']);
  const session = await ended(me.tenantId, `agent:${me.userId}:talk`);
  expect(session.map(({ type }) => type)).toEqual(events.map(({ type }) => type));
});

it('does several tasks of one message one after the other', async () => {
  const run = await ask(caller(), 'revenue by region; orders by product');
  expect(run.toolCalls.filter(({ tool }) => tool === 'ask_data').map(({ input }) => input)).toEqual([
    { question: 'revenue by region' },
    { question: 'orders by product' },
  ]);
});

it('waits for a person before it changes something, and goes on when they approve', async () => {
  const me = caller({ roles: ['analyst'] });
  const editor = caller({ tenantId: me.tenantId, roles: ['editor'] });
  const { approvals, runs } = world.agents.services;
  const waiting = await ask(me, 'create a dashboard called Sales with revenue by region; orders by product');
  expect(waiting).toMatchObject({
    status: 'waiting_approval',
    requiresApproval: true,
    approvalId: expect.stringMatching(/^appr-/) as string,
  });
  expect(world.dashboards.made.filter(({ caller: by }) => by.tenantId === me.tenantId)).toEqual([]);

  await expect(approvals.approve(me, { approvalId: waiting.approvalId! })).rejects.toHaveCode('FORBIDDEN');
  await expect(approvals.approve(caller(), { approvalId: waiting.approvalId! })).rejects.toHaveCode('NOT_FOUND');
  await expect(approvals.approve(editor, { approvalId: waiting.approvalId!, reviewerId: 'someone-else' })).rejects.toHaveCode('FORBIDDEN');
  expect(await approvals.approve(editor, { approvalId: waiting.approvalId!, notes: 'fine' })).toMatchObject({
    status: 'approved',
    reviewerId: editor.userId,
    notes: 'fine',
  });
  await expect(approvals.reject(editor, { approvalId: waiting.approvalId! })).rejects.toHaveCode('CONFLICT');

  const done = await runs.settle(me, waiting.id, never);
  expect(done).toMatchObject({ status: 'completed' });
  const made = world.dashboards.made.filter(({ caller: by }) => by.tenantId === me.tenantId);
  expect(made).toEqual([
    {
      name: 'Sales',
      widgets: 2,
      key: expect.stringContaining(waiting.id) as string,
      caller: expect.objectContaining({ userId: me.userId, roles: ['analyst'] }) as object,
    },
  ]);
});

it('does nothing where a step is rejected, and says so', async () => {
  const me = caller();
  const waiting = await ask(me, 'create a dashboard called Nope with revenue by region');
  await world.agents.services.approvals.reject(me, { approvalId: waiting.approvalId!, notes: 'not now' });
  const done = await world.agents.services.runs.settle(me, waiting.id, never);
  expect(done).toMatchObject({
    status: 'completed',
    content: expect.stringContaining('create_dashboard was not approved: not now') as string,
  });
  expect(world.dashboards.made.some(({ name }) => name === 'Nope')).toBe(false);
});

it('ends a run whose call was found interrupted by a process that died before it could say so, whatever was approved since', async () => {
  const me = caller();
  const waiting = await ask(me, 'create a dashboard called Interrupted with revenue by region');
  await world.db.inTenant(me.tenantId, (tx) =>
    sql`update agent_steps set status = 'unknown' where run_id = ${waiting.id} and tool = 'ask_data'`.execute(tx),
  );
  await world.agents.services.approvals.approve(me, { approvalId: waiting.approvalId! });
  expect(await world.agents.services.runs.settle(me, waiting.id, never)).toMatchObject({
    status: 'failed',
    error: { code: 'SERVICE_UNAVAILABLE', details: { reason: 'interrupted_effect', tool: 'ask_data' } },
  });
  expect(world.dashboards.made.some(({ name }) => name === 'Interrupted')).toBe(false);
});

it('fails a run whose approval expires', async () => {
  await using short = await agentsWorld({ approvalTtlMs: 1 });
  const me = caller();
  const waiting = await short.agents.services.runs.process(
    me,
    { sessionId: 's', message: 'create a dashboard called Late with revenue by region' },
    never,
  );
  await until(async () => (await short.agents.services.approvals.expireOverdue()) === 1);
  await expect(short.agents.services.approvals.approve(me, { approvalId: waiting.approvalId! })).rejects.toHaveCode('CONFLICT');
  expect(await short.agents.services.runs.get(me, waiting.id)).toMatchObject({
    status: 'failed',
    error: { code: 'TIMEOUT', retryable: true },
  });
  expect(short.dashboards.made).toEqual([]);
});

it('refuses SQL that does more than read before anything runs', async () => {
  const run = await ask(caller(), 'with gone as (delete from orders returning *) select * from gone');
  expect(run.toolResults).toEqual([expect.objectContaining({ tool: 'run_sql', status: 'failed' })]);
  expect(run.content).toContain('The statement was refused');
});

it('cancels a waiting run, with its approval', async () => {
  const me = caller();
  const waiting = await ask(me, 'create a dashboard called Gone with revenue by region');
  expect(await world.agents.services.runs.cancel(me, waiting.id)).toMatchObject({ status: 'cancelled' });
  await expect(world.agents.services.approvals.approve(me, { approvalId: waiting.approvalId! })).rejects.toHaveCode('CONFLICT');
  await expect(world.agents.services.runs.cancel(me, waiting.id)).rejects.toHaveCode('CONFLICT');
});

it('remembers what it is told, shows it and forgets it on request', async () => {
  const me = caller();
  await ask(me, 'remember that my region is Europe');
  const page = { limit: 20, offset: 0, after: null };
  const kept = await world.agents.services.settings.memory(me, { sessionId: null, page });
  expect(kept.map(({ content }) => content)).toContainEqual('my region is Europe');
  expect(kept).toHaveLength(2);
  expect(await world.agents.services.settings.memory(caller({ tenantId: me.tenantId }), { sessionId: null, page })).toEqual([]);
  expect(await world.agents.services.settings.forget(me, { sessionId: null, memoryId: null })).toBe(2);
  expect(await world.agents.services.settings.memory(me, { sessionId: null, page })).toEqual([]);
});

it('hides runs from other tenants and other people', async () => {
  const me = caller();
  const run = await ask(me, 'revenue by region');
  const { runs, streams } = world.agents.services;
  for (const other of [caller(), caller({ tenantId: me.tenantId, roles: ['editor'] })]) {
    await expect(runs.get(other, run.id)).rejects.toHaveCode('NOT_FOUND');
    await expect(runs.cancel(other, run.id)).rejects.toHaveCode('NOT_FOUND');
    await expect(streams.follow(other, { runId: run.id, after: 0, signal: never })).rejects.toHaveCode('NOT_FOUND');
    expect(await streams.read(other, { sessionId: 'talk', after: 0, limit: 10 })).toEqual([]);
  }
  await expect(runs.start({ ...me, roles: ['viewer'] }, { message: 'hi' })).rejects.toHaveCode('FORBIDDEN');
});

describe('teams', () => {
  const team = async (mode: 'sequential' | 'parallel' | 'hierarchical', message: string) => {
    const me = caller();
    const { agents, runs } = world.agents.services;
    const own = await agents.create(me, {
      name: 'Second',
      type: 'specialist',
      role: 'analyst',
      config: { tools: ['ask_data', 'create_dashboard'] },
    });
    const agentIds = mode === 'hierarchical' ? ['agent-supervisor', 'agent-analyst', own.id] : ['agent-analyst', own.id];
    const { id } = await agents.createTeam(me, { name: 'Pair', mode, agentIds });
    const started = await runs.startTeam(me, { teamId: id, message });
    return { me, run: await runs.settle(me, started.id, never) };
  };

  it.each(['sequential', 'parallel', 'hierarchical'] as const)('share the tasks of a message (%s)', async (mode) => {
    const { run } = await team(mode, 'revenue by region; orders by product');
    expect(run).toMatchObject({ status: 'completed' });
    expect(run.content).toContain('Analyst: revenue by region: 3 rows');
    expect(run.content).toContain('Second: orders by product: 4 rows');
  });

  it('wait together for an approval and go on together', async () => {
    const { me, run } = await team('parallel', 'revenue by region; create a dashboard called Team with orders by product');
    expect(run.status).toBe('waiting_approval');
    const [pending] = await world.agents.services.approvals.list(me, { status: 'pending', page: { limit: 20, offset: 0, after: null } });
    await world.agents.services.approvals.approve(me, { approvalId: pending!.id });
    const done = await until(async () => {
      const now = await world.agents.services.runs.get(me, run.id);
      return now.status === 'completed' ? now : null;
    });
    expect(done.content).toContain('Dashboard “Team” was created');
    expect(world.dashboards.made.filter(({ name }) => name === 'Team')).toHaveLength(1);
  });
});

describe('without a model', () => {
  it.each(['hello', 'thanks!', 'what can you do?'])(
    '“%s” is answered with what can be done, and nothing is asked of the data',
    async (message) => {
      const run = await world.agents.services.runs.process(caller(), { sessionId: 'talk', message }, never);
      expect(run).toMatchObject({
        status: 'completed',
        toolCalls: [],
        content: expect.stringContaining('I can answer questions') as string,
      });
    },
  );

  it('draws what is asked for, as it is asked for, and tells numbers as people write them', async () => {
    const run = await world.agents.services.runs.process(
      caller(),
      { sessionId: 'talk', message: 'draw revenue by region as a pie chart' },
      never,
    );
    expect(run.toolResults.map(({ tool }) => tool)).toEqual(['ask_data', 'make_chart']);
    expect(run.toolResults[1]!.output).toMatchObject({ output: { type: 'pie_chart' } });
    const { rows } = (run.toolResults[0]!.output as { output: { rows: [string, string][] } }).output;
    for (const [region, revenue] of rows)
      expect(run.content).toContain(`${region}: ${Number(revenue).toLocaleString('en', { maximumFractionDigits: 2 })}`);
  });

  it('says which question had no answer, and why', async () => {
    const run = await world.agents.services.runs.process(caller(), { sessionId: 'talk', message: 'how happy are they' }, never);
    expect(run.content).toMatch(/^“how happy are they”: The query could not be answered: .*[^.]\.$/);
  });

  it('says what waits for a person while it waits', async () => {
    const run = await world.agents.services.runs.process(
      caller(),
      { sessionId: 'talk', message: 'create a dashboard with revenue by month' },
      never,
    );
    expect(run).toMatchObject({ status: 'waiting_approval', content: expect.stringContaining(run.approvalId!) as string });
  });

  it('never gives an agent tools that it does not have', async () => {
    const me = caller();
    const { agents, runs } = world.agents.services;
    const { id } = await agents.create(me, { name: 'Narrow', config: { tools: ['make_chart'] } });
    const start = (toolsEnabled: string[]) =>
      runs.process(me, { sessionId: 's', message: 'revenue by region', agentId: id, overrides: { toolsEnabled } }, never);
    await expect(start(['ask_data'])).rejects.toThrow('this agent does not have ask_data; it has make_chart');
    await expect(start(['make_chat'])).rejects.toThrow('did you mean make_chart');
    expect((await start([])).toolCalls).toEqual([]);
    const reader = await agents.create(me, { name: 'Reader' });
    await expect(
      runs.start(me, { message: 'x', agentId: reader.id, overrides: { toolsEnabled: ['create_dashboard'] } }),
    ).rejects.toHaveCode('INVALID_REQUEST');
  });
});

describe('agents', () => {
  it('keep every version, and a lost race is CONFLICT', async () => {
    const me = caller();
    const { agents } = world.agents.services;
    const made = await agents.create(me, { name: 'Mine', config: { tools: ['ask_data'] } });
    const changed = await agents.update(me, { agentId: made.id, name: 'Mine 2', expectedVersion: 1 });
    expect(changed).toMatchObject({ version: 2, name: 'Mine 2', config: { tools: [], limits: { maxIterations: 10 } } });
    await expect(agents.update(me, { agentId: made.id, name: 'Mine 3', expectedVersion: 1 })).rejects.toHaveCode('CONFLICT');
    const versions = await agents.versions(me, made.id);
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    // JSON inside an answer has one spelling at every door.
    expect(versions[1]!.snapshot).toMatchObject({ config: { tools: ['ask_data'], limits: { max_iterations: 10 } } });
    await expect(agents.get(caller(), made.id)).rejects.toHaveCode('NOT_FOUND');
    await agents.delete(me, made.id);
    await expect(agents.get(me, made.id)).rejects.toHaveCode('NOT_FOUND');
    await expect(agents.update(me, { agentId: 'agent-analyst', name: 'x' })).rejects.toHaveCode('CONFLICT');
  });

  it('refuse unknown tools with the nearest name, and settings out of range', async () => {
    const { agents, runs } = world.agents.services;
    const me = caller();
    await expect(agents.create(me, { name: 'x', config: { tools: ['ask_dat'] } })).rejects.toThrow('did you mean ask_data');
    await expect(agents.create(me, { name: 'x', config: { limits: { maxIterations: 0 } } })).rejects.toHaveCode('INVALID_REQUEST');
    await expect(runs.start(me, { message: 'x', overrides: { timeoutSeconds: 0 } })).rejects.toHaveCode('INVALID_REQUEST');
  });
});
