import { startFakeModel, status, text, tokens, toolCall, type FakeModel, type SeenRequest } from '../kit/fake-model';
import { ask, llmWorld, question, type Asked, type LlmWorld } from './world';

let world: LlmWorld;
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
  world = await llmWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await fake.close();
});

interface Vendor {
  readonly kind: string;
  readonly model: string;
  readonly more?: Record<string, unknown>;
  /** Where a whole answer and a stream are asked for. */
  readonly paths: readonly [whole: string, streamed: string];
  readonly headers: Record<string, string>;
  /** What of `request` its body must say. */
  readonly body: object;
  readonly tools: object;
}

const request = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hello' },
  ],
  max_tokens: 50,
  temperature: 0.25,
} as const;
const schema = { type: 'object', properties: { id: { type: 'number' } }, required: ['id'] };
const openaiBody = { model: 'gpt-4o', messages: request.messages, max_tokens: 50, temperature: 0.25 };
const openaiTools = { tools: [{ type: 'function', function: { name: 'lookup', parameters: schema } }] };

const vendors: readonly Vendor[] = [
  {
    kind: 'OPENAI',
    model: 'gpt-4o',
    paths: ['/v1/chat/completions', '/v1/chat/completions'],
    headers: { authorization: 'Bearer sk-vendor' },
    body: openaiBody,
    tools: openaiTools,
  },
  {
    kind: 'AZURE',
    model: 'gpt-4o',
    more: { apiVersion: '2024-10-21' },
    paths: [
      '/v1/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
      '/v1/deployments/gpt-4o/chat/completions?api-version=2024-10-21',
    ],
    headers: { 'api-key': 'sk-vendor' },
    body: openaiBody,
    tools: openaiTools,
  },
  {
    kind: 'AZURE',
    model: 'gpt-4o',
    more: { apiVersion: 'preview' },
    paths: ['/v1/chat/completions', '/v1/chat/completions'],
    headers: { 'api-key': 'sk-vendor' },
    body: openaiBody,
    tools: openaiTools,
  },
  {
    kind: 'GOOGLE',
    model: 'gemini-2.5-flash',
    paths: ['/v1/models/gemini-2.5-flash:generateContent', '/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse'],
    headers: { 'x-goog-api-key': 'sk-vendor' },
    body: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
      generationConfig: { maxOutputTokens: 50, temperature: 0.25 },
    },
    tools: { tools: [{ functionDeclarations: [{ name: 'lookup', parameters: { properties: { id: { type: 'number' } } } }] }] },
  },
  {
    kind: 'BEDROCK',
    model: 'anthropic.claude-3-5-sonnet-20241022-v2:0',
    more: { region: 'eu-central-1' },
    paths: [
      '/v1/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse',
      '/v1/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse-stream',
    ],
    headers: { authorization: 'Bearer sk-vendor' },
    body: {
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      inferenceConfig: { maxTokens: 50, temperature: 0.25 },
    },
    tools: { toolConfig: { tools: [{ toolSpec: { name: 'lookup', inputSchema: { json: schema } } }] } },
  },
];

describe.each(vendors.map((vendor) => [`${vendor.kind} ${JSON.stringify(vendor.more ?? {})}`, vendor] as const))('%s', (_name, vendor) => {
  const tenantOf = async (more: Record<string, unknown> = {}) => {
    const tenant = world.tenant();
    const own = { name: 'vendor', kind: vendor.kind, baseUrl: fake.url, apiKey: 'sk-vendor', models: [vendor.model], ...vendor.more };
    await tenant.configure({ providers: [own], cache: { mode: 'OFF' }, maxRetries: 0, ...more });
    return tenant;
  };
  const model = `vendor/${vendor.model}`;
  const last = (): SeenRequest => fake.requests.at(-1)!;

  it('is asked by its own path, key and words, and its usage is counted', async () => {
    const tenant = await tenantOf();
    fake.script(text('good day', { prompt: 30, completion: 7 }));
    const answer = await tenant.client().chat.completions.create({ ...request, messages: [...request.messages], model });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'good day' }, finish_reason: 'stop' });
    expect(answer.usage).toMatchObject({ prompt_tokens: 30, completion_tokens: 7 });
    expect(last()).toMatchObject({ path: vendor.paths[0], headers: vendor.headers, body: vendor.body });
  });

  it('streams piece by piece, split anywhere, with usage at the end', async () => {
    const tenant = await tenantOf();
    fake.splitBytes = 11;
    fake.script({ ...tokens('gr', 'üß ', 'Gott'), usage: { prompt: 31, completion: 8 } } as ReturnType<typeof tokens>);
    const pieces: string[] = [];
    let usage: unknown;
    const stream = await tenant.client().chat.completions.create({
      ...request,
      messages: [...request.messages],
      model,
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      const piece = chunk.choices[0]?.delta.content;
      if (piece) pieces.push(piece);
      usage = chunk.usage ?? usage;
    }
    fake.splitBytes = null;
    expect(pieces).toEqual(['gr', 'üß ', 'Gott']);
    expect(usage).toMatchObject({ prompt_tokens: 31, completion_tokens: 8 });
    expect(last()).toMatchObject({ path: vendor.paths[1], headers: vendor.headers, body: vendor.body });
  });

  it.each([false, true])('calls a tool (streamed: %s)', async (stream) => {
    const tenant = await tenantOf();
    fake.script(toolCall('lookup', { id: 7 }));
    const made = {
      ...request,
      messages: [...request.messages],
      model,
      tools: [{ type: 'function' as const, function: { name: 'lookup', parameters: schema } }],
    };
    const client = tenant.client();
    const answer = stream ? await client.chat.completions.stream(made).finalChatCompletion() : await client.chat.completions.create(made);
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [{ type: 'function', function: { name: 'lookup', arguments: expect.stringMatching(/^\{"id": ?7\}$/) as string } }],
      },
    });
    expect(last().body).toMatchObject(vendor.tools);
  });

  it.each([
    [401, 'UNAUTHORIZED'],
    [429, 'RATE_LIMITED'],
    [503, 'SERVER_ERROR'],
  ])('answering %i is %s, and the next provider is asked', async (code, reason) => {
    const next = { name: 'next', kind: 'OPENAI_COMPATIBLE', baseUrl: fake.url, models: ['spare'] };
    const own = { name: 'vendor', kind: vendor.kind, baseUrl: fake.url, apiKey: 'sk-vendor', models: [vendor.model], ...vendor.more };
    const tenant = await tenantOf({ providers: [own, next], fallbackChain: ['vendor', 'next'], defaultStrategy: 'FALLBACK' });
    fake.script(status(code, { 'retry-after': '30' }), text('from the spare'));
    const { routeLlm } = await tenant.run<Asked>(ask, question('hello'));
    expect(routeLlm.content).toBe('from the spare');
    expect(routeLlm.attempts[0]).toMatchObject({
      provider: 'vendor',
      outcome: 'FAILED',
      reason,
      status: code,
    });
  });

  it('refusing the request itself is INVALID_REQUEST, in the provider’s words and without the key', async () => {
    const tenant = await tenantOf();
    fake.script(status(400, {}, 'the prompt is odd; sk-vendor-1234567890'));
    const run = tenant.run(ask, question('hello'));
    await expect(run).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringMatching(/the prompt is odd/) as string });
    await expect(run).rejects.not.toMatchObject({ message: expect.stringMatching(/1234567890/) as string });
  });

  it('breaking off ends the stream with the partial text, never silently', async () => {
    const tenant = await tenantOf();
    fake.script({ kind: 'cut', tokens: ['half ', 'an '] });
    const stream = await tenant.client().chat.completions.create({ ...request, messages: [...request.messages], model, stream: true });
    let received = '';
    const read = async (): Promise<void> => {
      for await (const chunk of stream) received += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(read()).rejects.toMatchObject({ error: { code: 'llm_unavailable', details: { partialText: 'half an ' } } });
    expect(received).toBe('half an ');
  });
});
