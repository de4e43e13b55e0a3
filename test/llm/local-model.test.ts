import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { until } from '../kit/until';
import { llamaStandIn } from './llama-stand-in';
import { ask, llmWorld, question, type Asked, type LlmWorld } from './world';

const file = path.join(tmpdir(), `tiny-${process.pid}.gguf`);
beforeAll(() => writeFileSync(file, 'GGUF'));

const worldWith = (
  load: () => Promise<never> | ReturnType<() => Promise<ReturnType<typeof llamaStandIn>['module']>>,
  at = file,
): Promise<LlmWorld> => llmWorld({ deploymentModels: { local: { path: at, threads: 1, load } } });
const using = async (standIn = llamaStandIn()) => ({ standIn, world: await worldWith(() => Promise.resolve(standIn.module)) });

describe('where the package for local models is not installed', () => {
  it('says what to install, as LLM_UNAVAILABLE, and asks again at the next call', async () => {
    let isInstalled = false;
    const standIn = llamaStandIn();
    await using world = await worldWith(() =>
      isInstalled ? Promise.resolve(standIn.module) : Promise.reject(new Error("Cannot find package 'node-llama-cpp'")),
    );
    await expect(world.run(ask, question('hello'))).rejects.toMatchObject({
      code: 'LLM_UNAVAILABLE',
      message: expect.stringContaining('npm install --no-save node-llama-cpp'),
      details: { reasons: { [`local/tiny-${process.pid}`]: 'not_loaded' } },
    });
    isInstalled = true;
    expect((await world.run<Asked>(ask, question('hello'))).routeLlm.content).toBe('Hello there.');
  });

  it('says so where the file is not there', async () => {
    await using world = await worldWith(() => Promise.resolve(llamaStandIn().module), '/nowhere/gone.gguf');
    await expect(world.run(ask, question('hello'))).rejects.toMatchObject({
      code: 'LLM_UNAVAILABLE',
      message: expect.stringMatching(/gone\.gguf at LOCAL_MODEL_PATH/),
    });
  });

  it('is refused as a tenant’s own provider: files of the server are the operator’s', async () => {
    await using world = await llmWorld();
    await expect(world.configure({ providers: [{ name: 'mine', kind: 'LOCAL', models: ['x'] }] })).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'providers[0].kind',
      message: expect.stringContaining('LOCAL_MODEL_PATH'),
    });
  });
});

describe('a local model', () => {
  it('answers from the whole conversation, at no cost, its tokens counted, and forgets it afterwards', async () => {
    const { standIn, world } = await using();
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: 'Say hello' },
    ];
    const { routeLlm } = await world.run<Asked>(ask, { input: { messages, maxTokens: 20, temperature: 0.1 } });
    expect(routeLlm).toMatchObject({
      provider: 'local',
      content: 'Hello there.',
      costEstimateUsd: 0,
      tokensUsed: { prompt: 7, completion: 2, total: 9 },
    });
    expect(standIn.asked).toEqual([
      {
        history: [
          { type: 'system', text: 'Be brief.' },
          { type: 'user', text: 'Hi' },
          { type: 'model', response: ['Yes?'] },
        ],
        last: 'Say hello',
        options: expect.objectContaining({ maxTokens: 20, temperature: 0.1 }) as object,
      },
    ]);
    expect(standIn.cleared).toBe(1);
    await world[Symbol.asyncDispose]();
    expect(standIn.isDisposed).toBe(true);
  });

  it('streams piece by piece to the official client, and stops when the client goes', async () => {
    const { standIn, world } = await using();
    let open!: () => void;
    standIn.gate = new Promise((resolve) => (open = resolve));
    const stream = await world
      .client()
      .chat.completions.create({ model: 'local', messages: [{ role: 'user', content: 'x' }], stream: true });
    const first = await stream[Symbol.asyncIterator]().next();
    expect((first.value as { choices: { delta: { content: string } }[] }).choices[0]?.delta.content).toBe('Hello ');
    stream.controller.abort();
    await until(() => standIn.asked[0]?.options.signal?.aborted);
    open();
    standIn.gate = null;
    expect((await world.run<Asked>(ask, question('again'))).routeLlm.content).toBe('Hello there.');
    await world[Symbol.asyncDispose]();
  });

  it('answers one at a time', async () => {
    const { standIn, world } = await using();
    await Promise.all(['a', 'b', 'c'].map((words) => world.run(ask, question(words))));
    expect([standIn.asked.length, standIn.most]).toEqual([3, 1]);
    await world[Symbol.asyncDispose]();
  });

  it('is held to JSON by a grammar', async () => {
    const { standIn, world } = await using();
    standIn.pieces = ['{"a":', '1}'];
    const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
    await world.client().chat.completions.create({
      model: 'local',
      messages: [{ role: 'user', content: 'x' }],
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
    });
    expect(standIn.asked[0]?.options.grammar).toEqual({ schema });
    await world[Symbol.asyncDispose]();
  });

  it('answers in words where tools are offered, and is not eligible where one must be called', async () => {
    const { world } = await using();
    const tools = [{ type: 'function', function: { name: 't', parameters: { type: 'object' } } }];
    expect((await world.run<Asked>(ask, question('x', { tools }))).routeLlm.content).toBe('Hello there.');
    await expect(world.run(ask, question('y', { tools, toolChoice: 'required' }))).rejects.toHaveCode('LLM_UNAVAILABLE');
    await world[Symbol.asyncDispose]();
  });
});
