import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

import { silentLogger } from '#platform/telemetry';

import { caller } from '../../../test/kit/caller';
import { startFakeModel, status, text, type FakeModel } from '../../../test/kit/fake-model';

import { emptyAnswer, type Answer } from './answer';
import { Narrator, numbersAreFrom } from './narrator';

let model: FakeModel;
beforeAll(async () => void (model = await startFakeModel()));
afterAll(async () => model.close());

const answer: Answer = {
  ...emptyAnswer,
  sql: 'select 1',
  explanation: 'Revenue by region',
  data: {
    columns: [
      { name: 'region', type: 'VARCHAR' },
      { name: 'revenue', type: 'DOUBLE' },
    ],
    rows: [
      ['Europe', '1234.56'],
      ['Asia', 20],
    ],
    rowCount: 2,
    truncated: false,
  },
};
const built = 'Revenue by region: 2 rows; first Europe: 1,234.56, Asia: 20.';
const narrate = () =>
  new Narrator({ models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'), log: silentLogger }).narrate(
    caller(),
    {
      question: 'revenue by region',
      answer,
      signal: new AbortController().signal,
    },
  );

it('takes a model’s words where every number is one of the rows', async () => {
  model.script(text('Europe leads with 1,234.6, Asia has 20.'));
  expect(await narrate()).toMatchObject({ text: 'Europe leads with 1,234.6, Asia has 20.' });
});

it.each([
  ['invents a number', text('Europe leads with 1,300.')],
  ['is down', status(500)],
  ['says nothing', text(' ')],
  ['answers nonsense', { kind: 'raw', body: '<html>' } as const],
])('keeps the built-in words when the model %s', async (_, script) => {
  model.script(script);
  expect((await narrate()).text).toBe(built);
});

it('asks no model about what is not data', async () => {
  const before = model.requests.length;
  const narrator = new Narrator({ models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'), log: silentLogger });
  const helped = await narrator.narrate(caller(), {
    question: 'help',
    answer: { ...emptyAnswer, response: 'Ask away.' },
    signal: new AbortController().signal,
  });
  expect(helped).toEqual({ text: 'Ask away.', tokensUsed: 0 });
  expect(model.requests.length).toBe(before);
});

it.each([
  ['12.3 %', '0.123 12.34', true],
  ['1,000,000', '1000000', true],
  ['about 7', '6.4', false],
])('compares numbers by the digits shown: %j from %j', (told, facts, expected) => {
  expect(numbersAreFrom(told, facts)).toBe(expected);
});
