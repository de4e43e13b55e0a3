import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

import { caller } from '../kit/caller';
import { startFakeModel, text, toolCall, type FakeModel } from '../kit/fake-model';

import { agentsWorld, type AgentsWorld } from './world';

const never = new AbortController().signal;
let model: FakeModel;
let world: AgentsWorld;
beforeAll(async () => {
  model = await startFakeModel();
  world = await agentsWorld({
    models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'),
    prices: ({ inputTokens, outputTokens }) => (inputTokens + outputTokens) / 1_000,
  });
});
beforeEach(() => {
  model.fallback = text('ok', { prompt: 90, completion: 10 });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

const mine = async (mode: 'sequential' | 'parallel' | 'hierarchical', limits: object | null = null, own: object = {}) => {
  const me = caller();
  const { agents, runs } = world.agents.services;
  const ids: string[] = [];
  for (const name of ['One', 'Two', 'Three'])
    ids.push((await agents.create(me, { name, config: { tools: ['ask_data'], limits: own } })).id);
  const { id } = await agents.createTeam(me, { name: 'Three', mode, agentIds: ids });
  const { id: runId } = await runs.startTeam(me, { teamId: id, message: 'Who leads?', limits });
  return { me, run: await runs.settle(me, runId, never) };
};
const decisions = (): number => model.requests.length;

it.each(['sequential', 'parallel', 'hierarchical'] as const)(
  'shows what all members of a team used as the use of its run (%s), and counts it once for the day',
  async (mode) => {
    const { me, run } = await mine(mode);
    expect(run).toMatchObject({ status: 'completed', tokensUsed: 300, iterations: 3, members: { length: 3 } });
    expect(run.costUsd).toBeCloseTo(0.3);
    expect(run.members.map(({ tokensUsed, status }) => [tokensUsed, status])).toEqual(Array.from({ length: 3 }, () => [100, 'completed']));
    await world.agents.services.settings.updateGuardrail(
      { ...me, roles: ['admin'] },
      { name: 'budget_guard', thresholds: { tokens_per_day: 301 } },
    );
    const more = await world.agents.services.runs.start(me, { message: 'one more' });
    expect(await world.agents.services.runs.settle(me, more.id, never)).toMatchObject({ status: 'completed' });
  },
);

it.each([
  ['tokens', { maxTokens: 150 }, 'BUDGET_EXCEEDED'],
  ['money', { maxCostUsd: 0.15 }, 'BUDGET_EXCEEDED'],
  ['steps', { maxIterations: 2 }, 'QUERY_FAILED'],
])('ends a team whose members together pass its cap of %s, and asks no model after that', async (_, limits, code) => {
  const before = decisions();
  const { run } = await mine('sequential', limits);
  expect(run).toMatchObject({ status: 'failed', error: { code }, tokensUsed: 200, iterations: 2 });
  expect(decisions() - before).toBe(2);
});

it('lets members side by side pass a cap by no more than the decision that each has begun', async () => {
  model.fallback = toolCall('ask_data', { question: 'revenue by region' });
  const before = decisions();
  const { run } = await mine('parallel', { maxTokens: 20 });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'BUDGET_EXCEEDED' } });
  expect(decisions() - before).toBeLessThanOrEqual(5);
});

it('asks a person once where the members together may spend what needs one', async () => {
  const { me, run } = await mine('sequential', null, { maxCostUsd: 2 });
  expect(run).toMatchObject({ status: 'waiting_approval', content: expect.stringContaining('A person must agree') as string });
  expect(run.approvalId).not.toBeNull();
  const { approvals, runs } = world.agents.services;
  await approvals.approve({ ...me, roles: ['admin'] }, { approvalId: run.approvalId! });
  expect(await runs.settle(me, run.id, never)).toMatchObject({ status: 'completed', tokensUsed: 300 });
});

it('refuses caps of a team that mean nothing, naming the field', async () => {
  await expect(mine('sequential', { maxTokens: 0 })).rejects.toThrow('limits.max_tokens');
});
