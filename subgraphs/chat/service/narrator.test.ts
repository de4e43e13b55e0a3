import { createOpenAICompatible } from '@ai-sdk/openai-compatible';

import { silentLogger } from '#platform/telemetry';

import { caller } from '../../../test/kit/caller';
import { cut, startFakeModel, status, text, tokens, type FakeModel } from '../../../test/kit/fake-model';

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
const built = 'Revenue by region: 2 rows; highest Europe: 1,234.56, Asia: 20.';
let told: string[] = [];
beforeEach(() => void (told = []));
const request = {
  question: 'revenue by region',
  answer,
  messageId: 'msg-1',
  signal: new AbortController().signal,
  tell: async (content: string) => void told.push(content),
};
const narrate = () =>
  new Narrator({ models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'), log: silentLogger }).narrate(
    caller(),
    request,
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

it('tells each sentence as soon as its numbers are known to be right, and the text begins with what was told', async () => {
  model.script(tokens('Europe leads with 1,2', '34.6. As', 'ia has 20. It is', ' last.'));
  const { text: whole, tokensUsed } = await narrate();
  expect(told).toEqual(['Europe leads with 1,234.6. ', 'Asia has 20. ']);
  expect(whole).toBe('Europe leads with 1,234.6. Asia has 20. It is last.');
  expect(tokensUsed).toBeGreaterThan(0);
});

it.each([
  ['an invented number', text('Asia has 20. Europe has 1,300. It leads.')],
  ['a cut line', cut('Asia ', 'has ', '20. ', 'Euro')],
])('goes on with the built-in words after %s, and takes nothing back', async (_, script) => {
  model.script(script);
  expect((await narrate()).text).toBe(`Asia has 20. \n${built}`);
  expect(told.join('')).toBe('Asia has 20. ');
});

it('asks no model about what is not data', async () => {
  const before = model.requests.length;
  const narrator = new Narrator({ models: () => createOpenAICompatible({ name: 'fake', baseURL: model.url })('fake'), log: silentLogger });
  const helped = await narrator.narrate(caller(), {
    ...request,
    question: 'help',
    answer: { ...emptyAnswer, response: 'Ask away.' },
  });
  expect(helped).toEqual({ text: 'Ask away.', tokensUsed: 0, gaveOut: null });
  expect(model.requests.length).toBe(before);
});

it.each([
  ['12.3 %', '0.123 12.34', true],
  ['1,000,000', '1000000', true],
  ['about 7', '6.4', false],
])('compares numbers by the digits shown: %j from %j', (told, facts, expected) => {
  expect(numbersAreFrom(told, facts)).toBe(expected);
});
