import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';

import OpenAI, { APIError, APIUserAbortError, AuthenticationError, NotFoundError, RateLimitError } from 'openai';

import { startFakeModel, status, stall, text, toolCall, type FakeModel } from '../kit/fake-model';
import { until } from '../kit/until';
import { llmWorld, provider, type LlmWorld } from './world';

const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const hello = [{ role: 'user' as const, content: 'Say hello' }];

describe('the official OpenAI client, unchanged', () => {
  let fake: FakeModel;
  let world: LlmWorld;
  let client: OpenAI;

  beforeAll(async () => {
    fake = await startFakeModel();
    world = await llmWorld();
    await world.configure({ providers: [provider({ url: fake.url })], cache: { mode: 'OFF' } });
    client = world.client();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await fake.close();
  });
  afterEach(() => {
    fake.splitBytes = null;
  });

  it('gets a whole answer with usage', async () => {
    fake.script(text('Hello there, world.', { prompt: 7, completion: 5 }));
    const answer = await client.chat.completions.create({ model: 'fake-model', messages: hello, temperature: 0.2, max_tokens: 50 });
    expect(answer.choices[0]?.message.content).toBe('Hello there, world.');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 });
    expect(fake.requests.at(-1)?.body).toMatchObject({ model: 'fake-model', temperature: 0.2, max_tokens: 50 });
  });

  it.each([1, 3, 17])('streams tokens one by one, with events split at random bytes of up to %i', async (splitBytes) => {
    fake.splitBytes = splitBytes;
    fake.script(text('Grüße aus Zürich — 東京 🚀 and home.', { prompt: 3, completion: 9 }));
    const stream = await client.chat.completions.create({
      model: 'auto',
      messages: hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
      usage = chunk.usage ?? usage;
    }
    expect(pieces.join('')).toBe('Grüße aus Zürich — 東京 🚀 and home.');
    expect(pieces.length).toBeGreaterThan(5);
    expect(usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 9 });
  });

  it('calls a tool, streamed with split arguments, and goes on with its result', async () => {
    fake.splitBytes = 5;
    fake.script(toolCall('weather', { city: 'Zürich' }), text('It is sunny.'));
    const runner = client.chat.completions.stream({ model: 'fake-model', messages: hello, tools: [weather] });
    const message = await runner.finalMessage();
    const call = message.tool_calls?.[0];
    expect(call?.type === 'function' && call.function).toMatchObject({ name: 'weather', arguments: '{"city":"Zürich"}' });
    const answer = await client.chat.completions.create({
      model: 'fake-model',
      messages: [...hello, message, { role: 'tool', tool_call_id: call!.id, content: '{"sky":"clear"}' }],
      tools: [weather],
    });
    expect(answer.choices[0]?.message.content).toBe('It is sunny.');
    expect((fake.requests.at(-1)?.body.messages as { role: string }[]).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });

  it('calls a tool in a whole answer', async () => {
    fake.script(toolCall('weather', { city: 'Oslo' }));
    const answer = await client.chat.completions.create({
      model: 'fake-model',
      messages: hello,
      tools: [weather],
      tool_choice: 'required',
    });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ type: 'function', function: { name: 'weather' } }] },
    });
    expect(fake.requests.at(-1)?.body.tool_choice).toBe('required');
  });

  it('is held to JSON by schema', async () => {
    fake.script(text('{"name":"Ada"}'));
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false };
    const answer = await client.chat.completions.create({
      model: 'fake-model',
      messages: hello,
      response_format: { type: 'json_schema', json_schema: { name: 'person', schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ name: 'Ada' });
    expect(fake.requests.at(-1)?.body.response_format).toMatchObject({ type: 'json_schema', json_schema: { name: 'person' } });
  });

  it('ends the provider’s work when the caller aborts a stream', async () => {
    fake.script(stall('one ', 'two '));
    const stream = await client.chat.completions.create({ model: 'fake-model', messages: hello, stream: true });
    const seen: string[] = [];
    for await (const chunk of stream) {
      seen.push(chunk.choices[0]?.delta.content ?? '');
      if (seen.join('').includes('two')) stream.controller.abort();
    }
    await until(() => fake.requests.at(-1)?.aborted);
  });

  it('ends the provider’s work when the caller aborts before the first token', async () => {
    fake.script({ kind: 'hang' });
    const controller = new AbortController();
    const before = fake.requests.length;
    const pending = client.chat.completions.create({ model: 'fake-model', messages: hello }, { signal: controller.signal });
    await until(() => fake.requests.length > before);
    controller.abort();
    await expect(pending).rejects.toBeInstanceOf(APIUserAbortError);
    await until(() => fake.requests.at(-1)?.aborted);
  });

  it('gets errors of its own classes', async () => {
    const wrongKey = new OpenAI({ baseURL: world.url, apiKey: 'nobody', maxRetries: 0 });
    await expect(wrongKey.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    await expect(client.chat.completions.create({ model: 'gtp-9', messages: hello })).rejects.toBeInstanceOf(NotFoundError);
    await expect(client.chat.completions.create({ model: 'gtp-9', messages: hello })).rejects.toMatchObject({
      code: 'model_not_found',
      param: 'model',
      type: 'invalid_request_error',
    });
    await expect(client.chat.completions.create({ model: 'auto', messages: [] })).rejects.toMatchObject({ status: 400, param: 'messages' });
    fake.script(status(400, {}, 'temperature is not supported with this model'));
    await expect(client.chat.completions.create({ model: 'auto', messages: hello })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('temperature is not supported'),
    });
    await world.configure({ dailyTokenLimit: 5 });
    await expect(client.chat.completions.create({ model: 'auto', messages: hello })).rejects.toBeInstanceOf(RateLimitError);
    await expect(client.chat.completions.create({ model: 'auto', messages: hello })).rejects.toMatchObject({ code: 'insufficient_quota' });
    await world.configure({ dailyTokenLimit: null });
  });

  it('gets an error inside the stream, and not the end of a good one, when the provider breaks off', async () => {
    fake.script({ kind: 'cut', tokens: ['The answer ', 'is '] });
    const stream = await client.chat.completions.create({ model: 'fake-model', messages: hello, stream: true });
    let seen = '';
    const reading = (async () => {
      for await (const chunk of stream) seen += chunk.choices[0]?.delta.content ?? '';
    })();
    await expect(reading).rejects.toBeInstanceOf(APIError);
    await expect(reading).rejects.toMatchObject({
      error: { code: 'llm_unavailable', details: { interrupted: true, reason: 'interrupted', partialText: 'The answer is ' } },
    });
    expect(seen).toBe('The answer is ');
  });

  it('lists the configured models and finds one', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['fake/fake-model']);
    expect((await client.models.retrieve('fake/fake-model')).owned_by).toBe('fake');
    await expect(client.models.retrieve('other')).rejects.toBeInstanceOf(NotFoundError);
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['an unknown role', { messages: [{ role: 'usr', content: 'x' }] }, 400, 'messages[0].role'],
    ['a negative temperature', { temperature: -1 }, 400, 'temperature'],
    ['a message of a megabyte', { messages: [{ role: 'user', content: 'x'.repeat(1_048_576) }] }, 413, 'messages'],
    [
      'a tool with a broken schema',
      { tools: [{ type: 'function', function: { name: 't', parameters: { type: 'objekt' } } }] },
      400,
      'tools[0].function.parameters',
    ],
    [
      'a file of this machine as an image',
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'file:///etc/passwd' } }] }] },
      400,
      'messages[0].content[0].image_url.url',
    ],
  ])('is told the field of %s, and no provider is asked', async (_name, input, status, param) => {
    const before = fake.requests.length;
    const run = client.chat.completions.create({ model: 'auto', messages: hello, ...input });
    await expect(run).rejects.toMatchObject({ status, param, type: 'invalid_request_error' });
    expect(fake.requests.length).toBe(before);
  });

  it('gets OpenAI’s shape for what does not exist, for bodies that are no JSON and for too much of it', async () => {
    const send = (path: string, body: string): Promise<Response> =>
      fetch(world.url + path, { method: 'POST', headers: { authorization: `Bearer ${world.admin.tenantId}` }, body });
    const [unknown, broken, large] = [
      await send('/images/generations', '{}'),
      await send('/chat/completions', '{"model": '),
      await send('/chat/completions', JSON.stringify({ messages: 'x'.repeat(3_000_000) })),
    ];
    expect([unknown.status, broken.status, large.status]).toEqual([404, 400, 413]);
    for (const answer of [unknown, broken, large]) expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it.each(['', 'null', '7', '"text"', '[]', '{"model":'])('is told that a body of %j is no request', async (body) => {
    const answer = await fetch(`${world.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.admin.tenantId}` },
      body,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { type: 'invalid_request_error', param: 'body', message: expect.stringMatching(/JSON/) as string },
    });
  });

  it('may send its body compressed, and in pieces without a length', async () => {
    const body = gzipSync(JSON.stringify({ model: 'fake-model', messages: [{ role: 'user', content: 'héllo' }] }));
    fake.script(text('read'), text('read'));
    for (const headers of [{ 'content-encoding': 'gzip' }, {}] as Record<string, string>[]) {
      const plain = gunzipSync(body);
      const pieces = Readable.from(headers['content-encoding'] ? [body] : [plain.subarray(0, 58), plain.subarray(58)]);
      const init = {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${world.admin.tenantId}` },
        body: pieces,
        duplex: 'half',
      };
      const answer = await fetch(`${world.url}/chat/completions`, init as unknown as RequestInit);
      expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'read' } }] });
      expect(fake.requests.at(-1)?.body.messages).toEqual([{ role: 'user', content: 'héllo' }]);
    }
  });

  it('gets embeddings of a provider, as numbers from base64', async () => {
    const { data } = await client.embeddings.create({ model: 'fake/embedder', input: ['abc', 'de'] });
    expect(data.map(({ embedding }) => embedding)).toEqual([
      [3, 0, 1],
      [2, 1, 1],
    ]);
  });
});
