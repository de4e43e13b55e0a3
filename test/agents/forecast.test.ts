import type { TrainingPort } from '../../subgraphs/agents';
import { ShopAnalyst } from '../../bench/chat/shop-analyst';
import { caller } from '../kit/caller';
import { ended, mlWorld, type MlWorld } from '../ml/world';

import { agentsWorld, type AgentsWorld } from './world';

const never = new AbortController().signal;
let analyst: ShopAnalyst;
let ml: MlWorld;
let world: AgentsWorld;

/** The ml domain itself behind the port, its rows from the analyst's own database. */
const training = (): TrainingPort => ({
  async train(by, { name, taskType, sql, target, timeColumn, hyperparameters }) {
    const dataset = { sourceId: 'shop', query: sql };
    const request = { name, taskType, dataset, targetColumn: target, hyperparameters, split: { timeColumn } };
    const job = await ended(ml.ml, by, (await ml.ml.services.training.submit(by, request)).id);
    if (job.status !== 'completed') throw new Error(job.error ?? job.status);
    return { modelId: job.model_id!, version: job.version!, metrics: job.metrics as Record<string, number> };
  },
  async predict(by, { modelId, features }) {
    const [first] = await ml.ml.services.serving.predict(by, { modelId, features });
    return { prediction: first!.prediction, probability: first!.probability, modelVersion: first!.modelVersion };
  },
});

beforeAll(async () => {
  analyst = await ShopAnalyst.open();
  ml = await mlWorld({
    read: async (_caller, { sql }) => ({ ...(await analyst.runSql(null, { sql } as never)), queryId: 'q', dataVersion: 'v' }),
  });
  world = await agentsWorld({ training: training() });
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await ml?.[Symbol.asyncDispose]();
  analyst?.close();
});

const ask = (me: ReturnType<typeof caller>, message: string) =>
  world.agents.services.runs.process(me, { sessionId: 'talk', message }, never);

it('forecasts what a question asks for once a person has agreed, and not before', async () => {
  const me = caller({ roles: ['analyst'] });
  const editor = { ...me, userId: 'editor', roles: ['editor' as const] };
  const waiting = await ask(me, 'forecast revenue for the next 8 weeks');
  expect(waiting).toMatchObject({ status: 'waiting_approval', requiresApproval: true });
  expect(waiting.toolCalls.map(({ tool }) => tool)).toEqual(['ask_data', 'forecast']);
  expect(await ml.ml.services.registry.list(me)).toEqual([]);
  await world.agents.services.approvals.approve(editor, { approvalId: waiting.approvalId! });
  const done = await world.agents.services.runs.settle(me, waiting.id, never);
  expect(done).toMatchObject({ status: 'completed', error: null });
  expect(done.content).toMatch(/revenue by week, the next 8: /);
  const { output } = done.toolResults.at(-1)!.output as { output: { forecast: { value: number }[]; model_id: string } };
  const { forecast, model_id: modelId } = output;
  expect(forecast).toHaveLength(8);
  for (const { value } of forecast) expect(value).toBeGreaterThan(0);
  const model = await ml.ml.services.registry.find(me, modelId);
  expect(model).toMatchObject({ name: 'revenue by week', task: 'forecasting' });
});

it('makes no model where the person refuses', async () => {
  const me = caller();
  const waiting = await ask(me, 'Forecast orders over the coming 3 months');
  await world.agents.services.approvals.reject(me, { approvalId: waiting.approvalId!, notes: 'not now' });
  const done = await world.agents.services.runs.settle(me, waiting.id, never);
  expect(done.content).toContain('forecast was not approved: not now');
  expect(await ml.ml.services.registry.list(me)).toEqual([]);
});
