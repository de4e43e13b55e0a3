import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

import { caller } from '../kit/caller';
import { cut, hang, stall, startFakeModel, status, text, toolCall, type FakeModel, type Script } from '../kit/fake-model';
import { holdTimers } from '../kit/held-timers';
import { until } from '../kit/until';

import { chatWorld, type ChatWorld } from './world';

const wordsMs = 54_324;

let model: FakeModel;
let world: ChatWorld;
beforeAll(async () => {
  model = await startFakeModel();
  world = await chatWorld({
    models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'),
    timings: { wordsMs },
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

/**
 * A turn, its stored message and its events as a reader gets them. A model that is `silent` has its time until it has been asked and what
 * is `kept` of it has been told; any other has all the time that it takes.
 */
async function turn(script: Script, { silent = false, kept = '' } = {}) {
  using patience = holdTimers(wordsMs);
  model.script(script);
  const before = model.requests.length;
  const me = caller();
  const { sessions, turns } = world.chat.services;
  const { id } = await sessions.create(me, {});
  const read = async () => {
    const events = await world.log.read({ tenantId: me.tenantId, name: `chat:${id}` }, 0);
    return events.map(({ type, data }) => ({ type, data: (data as { data: Record<string, unknown> }).data }));
  };
  const textOf = (told: Awaited<ReturnType<typeof read>>) =>
    told
      .filter(({ type }) => type === 'text')
      .map(({ data }) => data.content)
      .join('');
  const sent = turns.send(me, { sessionId: id, request: { kind: 'message', text: 'revenue by region' }, requestId: null });
  if (silent) {
    await until(async () => model.requests.length > before && textOf(await read()) === kept);
    patience.passAll();
  }
  const message = await sent;
  const told = await read();
  const warning = told.find(({ type, data }) => type === 'warning' && data.reason === 'llm_unavailable');
  return { message, text: textOf(told), warning: warning?.data, last: told.at(-1)! };
}

const whole = expect.stringContaining('revenue by region: 3 rows; highest ') as string;

it.each<[string, Script, string, string]>([
  ['falls silent after a sentence', stall('There ', 'are ', 'three ', 'regions. ', 'Euro'), 'There are three regions. ', 'timeout'],
  ['is silent from the start', hang(), '', 'timeout'],
  ['is cut off', cut('There ', 'are ', 'three ', 'regions. ', 'Euro'), 'There are three regions. ', 'failed'],
  ['is down', status(503), '', 'failed'],
  ['returns broken JSON', { kind: 'raw', body: 'data: {"choices": [{\n\n', contentType: 'text/event-stream' }, '', 'failed'],
])('a turn whose model %s says so, keeps what was told and goes on with its own words', async (_, script, kept, detail) => {
  const { message, text: told, warning, last } = await turn(script, { silent: detail === 'timeout', kept });
  expect(message).toMatchObject({ status: 'completed', content: whole, answer: { sql: expect.any(String) } });
  expect(message.content.startsWith(kept)).toBe(true);
  expect(told).toBe(message.content);
  expect(warning).toMatchObject({ reason: 'llm_unavailable', detail });
  expect(last).toMatchObject({ type: 'stream_end', data: { status: 'completed' } });
});

it.each<[string, Script]>([
  ['calls a tool that it was not given', toolCall('drop_everything', {})],
  ['says nothing', text(' ')],
])('a turn whose model %s goes on with its own words', async (_, script) => {
  const { message, text: told } = await turn(script);
  expect(message).toMatchObject({ status: 'completed', content: whole });
  expect(told).toBe(message.content);
});

it('a turn whose model never ends is told to stop, and goes on with its own words', async () => {
  const { message, last } = await turn({ kind: 'endless', token: 'and so on ' });
  expect(message).toMatchObject({ status: 'completed', content: whole });
  expect(last).toMatchObject({ type: 'stream_end' });
  expect(message.content.length).toBeLessThan(5_000);
});
