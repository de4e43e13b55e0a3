import { generateText, streamText, tool } from 'ai';
import { z } from 'zod';

import type { AnalystAnswer } from '../../subgraphs/llm';
import { caller } from '../kit/caller';
import { startFakeModel, status, text, toolCall, type FakeModel } from '../kit/fake-model';
import { ask, daysFromNow, llmWorld, provider, question, totalOf, type Asked, type LlmWorld } from './world';

const asked: string[] = [];
const analyst = {
  ask: (_caller: unknown, words: string): Promise<AnalystAnswer> => {
    asked.push(words);
    const nothing = { sql: null, columns: [], rows: [] };
    if (!words.includes('revenue'))
      return Promise.resolve({ ...nothing, answered: false, text: 'no source knows about this.', suggestions: ['total revenue by month'] });
    return Promise.resolve({
      answered: true,
      text: 'Revenue by region.',
      sql: 'select 1',
      columns: ['region', 'revenue'],
      rows: [['Europe', 12]],
      suggestions: [],
    });
  },
};

let world: LlmWorld;
let fake: FakeModel;
beforeAll(async () => {
  fake = await startFakeModel();
  world = await llmWorld({ analyst });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await fake.close();
});
afterEach(() => {
  fake.fallback = text('ok');
});

describe('the built-in engine as a chat model', () => {
  it('answers a question about data, with rows and SQL, at no cost', async () => {
    const { routeLlm } = await world.tenant().run<Asked>(ask, question('revenue by region'));
    expect(routeLlm).toMatchObject({
      provider: 'builtin',
      model: 'parley-builtin',
      costEstimateUsd: 0,
      tokensUsed: { total: 0 },
      cacheHit: false,
    });
    expect(routeLlm.content).toContain('| Europe | 12 |');
    expect(routeLlm.content).toContain('select 1');
  });

  it('says plainly what it is where it cannot answer, and offers what it can', async () => {
    const { routeLlm } = await world.tenant().run<Asked>(ask, question('write me a poem'));
    expect(routeLlm.content).toContain("Parley's built-in engine, not a language model");
    expect(routeLlm.content).toContain('total revenue by month');
  });

  it('streams to the official client', async () => {
    const stream = await world
      .tenant()
      .client()
      .chat.completions.create({ model: 'auto', messages: [{ role: 'user', content: 'revenue by region' }], stream: true });
    let seen = '';
    for await (const chunk of stream) seen += chunk.choices[0]?.delta.content ?? '';
    expect(seen).toContain('| Europe | 12 |');
  });

  it('is LLM_UNAVAILABLE for what only a model can do', async () => {
    const tools = [{ type: 'function', function: { name: 't', parameters: { type: 'object' } } }];
    await expect(world.tenant().run(ask, question('revenue', { tools, toolChoice: 'required' }))).rejects.toMatchObject({
      code: 'LLM_UNAVAILABLE',
      details: { reasons: { 'builtin/parley-builtin': 'not_eligible' } },
    });
  });

  it('takes over at the end of the chain when the models are down', async () => {
    const tenant = world.tenant();
    await tenant.configure({
      providers: [provider({ url: fake.url }), { name: 'builtin' }],
      defaultStrategy: 'FALLBACK',
      fallbackChain: ['fake', 'builtin'],
      maxRetries: 0,
    });
    fake.fallback = status(500);
    expect((await tenant.run<Asked>(ask, question('revenue by region'))).routeLlm.provider).toBe('builtin');
  });
});

describe('decisions', () => {
  const decision =
    'query ($id: ID!) { routingDecision(id: $id) { id strategy provider model status request candidates { provider model eligible score rank reasons facts } attempts { outcome } } }';
  const replay =
    'query ($id: ID!, $strategy: LlmStrategy) { replayRoutingDecision(id: $id, strategy: $strategy) { isSame strategy candidates { model rank score } } }';
  interface Stored {
    readonly routingDecision: {
      readonly candidates: readonly { readonly model: string; readonly eligible: boolean; readonly reasons: readonly string[] }[];
    };
  }

  const threeModels = async () => {
    const tenant = world.tenant();
    await tenant.configure({
      providers: [
        provider({
          url: fake.url,
          models: ['fast', 'clever', 'mute'],
          overrides: [
            { model: 'fast', quality: 40, inputUsdPerMillion: 1, outputUsdPerMillion: 1 },
            { model: 'clever', quality: 95, inputUsdPerMillion: 50, outputUsdPerMillion: 50 },
            { model: 'mute', tools: false },
          ],
        }),
      ],
      cache: { mode: 'OFF' },
    });
    return tenant;
  };

  it('store every candidate with score and reasons, right after the answer', async () => {
    const tenant = await threeModels();
    const tools = [{ type: 'function', function: { name: 't', parameters: { type: 'object' } } }];
    const { routeLlm } = await tenant.run<Asked>(ask, question('x', { strategy: 'COST_OPTIMIZED', tools }));
    expect(routeLlm.model).toBe('fast');
    const { routingDecision } = await tenant.run<Stored>(decision, { id: routeLlm.routingDecisionId });
    expect(routingDecision).toMatchObject({
      strategy: 'COST_OPTIMIZED',
      provider: 'fake',
      model: 'fast',
      status: 'ANSWERED',
      attempts: [{ outcome: 'ANSWERED' }],
    });
    expect(routingDecision.candidates.map(({ model, eligible }) => [model, eligible])).toEqual([
      ['fast', true],
      ['clever', true],
      ['mute', false],
    ]);
    expect(routingDecision.candidates[0]!.reasons[0]).toMatch(/expected cost .* lowest/);
    expect(routingDecision.candidates[2]!.reasons).toEqual(['it cannot call tools']);
    expect(JSON.stringify(routingDecision)).not.toContain('"x"');
  });

  it('replay to the same order, and by another strategy to what that would have chosen, without a call', async () => {
    const tenant = await threeModels();
    const { routeLlm } = await tenant.run<Asked>(ask, question('x', { strategy: 'COST_OPTIMIZED' }));
    const before = fake.requests.length;
    expect(await tenant.run(replay, { id: routeLlm.routingDecisionId })).toMatchObject({ replayRoutingDecision: { isSame: true } });
    const other = await tenant.run<{ replayRoutingDecision: { isSame: boolean; candidates: { model: string }[] } }>(replay, {
      id: routeLlm.routingDecisionId,
      strategy: 'QUALITY_OPTIMIZED',
    });
    expect(other.replayRoutingDecision).toMatchObject({
      isSame: false,
      candidates: [{ model: 'clever' }, expect.anything(), expect.anything()],
    });
    expect(fake.requests.length).toBe(before);
  });

  it('rotate in turn', async () => {
    const tenant = await threeModels();
    const models: string[] = [];
    for (let i = 0; i < 6; i += 1)
      models.push((await tenant.run<Asked>(ask, question(`x${i}`, { strategy: 'ROUND_ROBIN' }))).routeLlm.model);
    expect(new Set(models.slice(0, 3))).toEqual(new Set(['fast', 'clever', 'mute']));
    expect(models.slice(3)).toEqual(models.slice(0, 3));
  });

  it('are NOT_FOUND for another tenant and for a colleague, and listed for administrators', async () => {
    const tenant = await threeModels();
    const analystCaller = caller({ tenantId: tenant.admin.tenantId, roles: ['analyst'] });
    const { routeLlm } = await tenant.run<Asked>(ask, question('x'), analystCaller);
    const id = routeLlm.routingDecisionId;
    await expect(world.tenant().run(decision, { id })).rejects.toHaveCode('NOT_FOUND');
    await expect(tenant.run(decision, { id }, caller({ tenantId: tenant.admin.tenantId, roles: ['analyst'] }))).rejects.toHaveCode(
      'NOT_FOUND',
    );
    await expect(tenant.run(decision, { id }, analystCaller)).resolves.toMatchObject({ routingDecision: { id } });
    const { routingDecisions } = await tenant.run<{ routingDecisions: { nodes: { id: string }[] } }>(
      '{ routingDecisions(first: 1) { nodes { id } pageInfo { hasNextPage } } }',
    );
    expect(routingDecisions.nodes).toEqual([{ id }]);
  });

  it('resolve as entities only within the tenant', async () => {
    const tenant = await threeModels();
    const { routeLlm } = await tenant.run<Asked>(ask, question('x', { usageId: 'msg-42' }));
    const entities =
      'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on RoutingDecision { status } ... on LlmUsage { requests totalTokens models } ... on Tenant { usage { requests } } } }';
    const representations = [
      { __typename: 'RoutingDecision', id: routeLlm.routingDecisionId },
      { __typename: 'LlmUsage', id: 'msg-42' },
      { __typename: 'Tenant', id: tenant.admin.tenantId },
    ];
    expect(await tenant.run(entities, { representations })).toMatchObject({
      _entities: [{ status: 'ANSWERED' }, { requests: 1 }, { usage: { requests: 1 } }],
    });
    for (const one of representations) {
      const stranger = world.tenant();
      const result = await stranger
        .run<{ _entities: unknown[] }>(entities, { representations: [one] })
        .catch((error: { code: string }) => error.code);
      expect(result).toEqual(one.__typename === 'LlmUsage' ? { _entities: [null] } : 'NOT_FOUND');
    }
  });
});

describe('bad input is refused before any provider is asked', () => {
  it.each<[string, Record<string, unknown>, string, string]>([
    ['no messages', { messages: [] }, 'INVALID_REQUEST', 'messages'],
    ['empty messages', { messages: [{ role: 'user', content: '' }] }, 'INVALID_REQUEST', 'messages[0].content'],
    ['only spaces', { messages: [{ role: 'user', content: '   ' }] }, 'INVALID_REQUEST', 'messages'],
    ['a megabyte', { messages: [{ role: 'user', content: 'x'.repeat(1_048_576) }] }, 'PAYLOAD_TOO_LARGE', 'messages'],
    ['a prompt beyond every context', { messages: [{ role: 'user', content: 'word '.repeat(60_000) }] }, 'INVALID_REQUEST', 'messages'],
    ['an unknown role', { messages: [{ role: 'usr', content: 'x' }] }, 'INVALID_REQUEST', 'messages[0].role'],
    ['a negative temperature', { temperature: -0.5 }, 'INVALID_REQUEST', 'temperature'],
    ['a temperature of 3', { temperature: 3 }, 'INVALID_REQUEST', 'temperature'],
    ['no tokens', { maxTokens: 0 }, 'INVALID_REQUEST', 'max_tokens'],
    ['an unknown model', { model: 'fake-modle' }, 'INVALID_REQUEST', 'model'],
    [
      'a broken tool schema',
      { tools: [{ type: 'function', function: { name: 't', parameters: { type: 'objekt' } } }] },
      'INVALID_REQUEST',
      'tools[0].function.parameters',
    ],
    [
      'a tool schema that points nowhere',
      { tools: [{ type: 'function', function: { name: 't', parameters: { $ref: '#/definitions/none' } } }] },
      'INVALID_REQUEST',
      'tools[0].function.parameters',
    ],
    ['a tool without a name', { tools: [{ type: 'function', function: { parameters: {} } }] }, 'INVALID_REQUEST', 'tools[0].function.name'],
    [
      'a choice of a tool that is not there',
      { tools: [{ type: 'function', function: { name: 't' } }], toolChoice: { type: 'function', function: { name: 'u' } } },
      'INVALID_REQUEST',
      'tool_choice',
    ],
    [
      'an answer to no tool call',
      { messages: [{ role: 'tool', content: 'x', toolCallId: 'c' }] },
      'INVALID_REQUEST',
      'messages[0].tool_call_id',
    ],
    [
      'an unknown format of the answer',
      { messages: [{ role: 'user', content: 'x' }], responseFormat: { type: 'xml' } },
      'INVALID_REQUEST',
      'response_format.type',
    ],
  ])('%s', async (_name, input, code, field) => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url })] });
    const before = fake.requests.length;
    const run = tenant.run(ask, { input: { messages: [{ role: 'user', content: 'hi' }], ...input } });
    await expect(run).rejects.toHaveCode(code as 'INVALID_REQUEST');
    await expect(run).rejects.toMatchObject({ field });
    expect(fake.requests.length).toBe(before);
  });

  it('says which model was meant', async () => {
    const tenant = world.tenant();
    await tenant.configure({ providers: [provider({ url: fake.url })] });
    await expect(tenant.run(ask, question('x', { model: 'fake-modle' }))).rejects.toThrow(/did you mean fake-model/);
  });

  it('lets a viewer ask no model and read no usage', async () => {
    const tenant = world.tenant();
    const viewer = caller({ tenantId: tenant.admin.tenantId, roles: ['viewer'] });
    await expect(tenant.run(ask, question('revenue'), viewer)).rejects.toHaveCode('FORBIDDEN');
    await expect(tenant.run('{ llmUsage { requests } }', {}, viewer)).rejects.toHaveCode('FORBIDDEN');
    await expect(tenant.run('mutation { invalidateLlmCache(input: {}) { removed } }', {}, viewer)).rejects.toHaveCode('FORBIDDEN');
  });
});

it('keeps to a provider’s requests a minute and goes on to the next', async () => {
  const tenant = world.tenant();
  await tenant.configure({
    providers: [provider({ name: 'scarce', url: fake.url, rateLimitRpm: 2 }), provider({ name: 'plenty', url: fake.url })],
    defaultStrategy: 'FALLBACK',
    fallbackChain: ['scarce', 'plenty'],
    cache: { mode: 'OFF' },
  });
  const used: string[] = [];
  for (let i = 0; i < 4; i += 1) used.push((await tenant.run<Asked>(ask, question(`q${i}`))).routeLlm.provider);
  expect(used).toEqual(['scarce', 'scarce', 'plenty', 'plenty']);
});

it('has only so many calls of a model at once, and says overloaded beyond', async () => {
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url, maxConcurrent: 2 })], cache: { mode: 'OFF' } });
  let goOn = (): void => undefined;
  const rest = new Promise<void>((resolve) => (goOn = resolve));
  fake.script(...Array.from({ length: 2 }, () => ({ kind: 'tokens' as const, tokens: ['a', 'b', 'c'], rest })));
  const model = (await world.llm.router.languageModel(tenant.admin))!;
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'x' }] }];
  const open = await Promise.all([model.doStream({ prompt }), model.doStream({ prompt })]);
  await expect(model.doStream({ prompt })).rejects.toMatchObject({ details: { reasons: { 'fake/fake-model': 'overloaded' } } });
  goOn();
  for (const { stream } of open) for await (const _part of stream as unknown as AsyncIterable<unknown>);
  await expect(Promise.resolve(model.doStream({ prompt }))).resolves.toBeDefined();
});

describe('an Anthropic provider', () => {
  const claude = async () => {
    const tenant = world.tenant();
    await tenant.configure({
      providers: [{ name: 'claude', kind: 'ANTHROPIC', baseUrl: fake.url, apiKey: 'sk-ant', models: ['claude-sonnet-4-5'] }],
      cache: { mode: 'OFF' },
    });
    return { tenant, model: (await world.llm.router.languageModel(tenant.admin))! };
  };

  it('speaks its own dialect, at its published price', async () => {
    const { tenant } = await claude();
    fake.script(text('bonjour', { prompt: 1_000, completion: 100 }));
    const { routeLlm } = await tenant.run<Asked>(ask, question('hello'));
    expect(routeLlm).toMatchObject({
      content: 'bonjour',
      model: 'claude-sonnet-4-5',
      costEstimateUsd: expect.closeTo(0.0045, 9) as number,
    });
    expect(fake.requests.at(-1)).toMatchObject({ path: '/v1/messages', headers: { 'x-api-key': 'sk-ant' } });
  });

  it('streams text and calls tools for an agent', async () => {
    const { model } = await claude();
    fake.splitBytes = 9;
    fake.script(toolCall('lookup', { id: 7 }), text('It is seven.'));
    const lookup = tool({ inputSchema: z.object({ id: z.number() }), execute: ({ id }) => Promise.resolve(`value ${id}`) });
    const run = streamText({ model, prompt: 'look up 7', tools: { lookup }, stopWhen: ({ steps }) => steps.length === 2 });
    expect(await run.text).toBe('It is seven.');
    expect((await run.steps)[0]?.toolResults[0]).toMatchObject({ output: 'value 7' });
    fake.splitBytes = null;
  });
});

it('reports usage, percentiles, health and metrics from the stored calls', async () => {
  const days = daysFromNow();
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url })], cache: { mode: 'OFF' }, maxRetries: 0 });
  fake.fallback = text('four words are here', { prompt: 10, completion: 4 });
  for (let i = 0; i < 9; i += 1) await tenant.run(ask, question(`q${i}`));
  fake.script(status(500));
  await tenant.run(ask, question('fails')).catch(() => undefined);
  const data = await tenant.run<Record<string, unknown>>(`{
    llmUsage(periodDays: 1) { requests failed promptTokens completionTokens byModel { provider model requests } daily { day requests tokens } }
    llmPerformance(windowMinutes: 5) { providers { model attempts errorRate latencyP50Ms latencyP95Ms latencyP99Ms tokensPerSecond } }
    llmHealth { status providers { model status errorRate recentAttempts } }
  }`);
  expect(data.llmUsage).toMatchObject({
    requests: 10,
    failed: 1,
    promptTokens: 90,
    completionTokens: 36,
    byModel: [{ provider: 'fake', model: 'fake-model', requests: 10 }],
  });
  const { daily } = data.llmUsage as { daily: { requests: number; tokens: number }[] };
  expect(daily.length).toBeLessThanOrEqual(days());
  expect([totalOf(daily, 'requests'), totalOf(daily, 'tokens')]).toEqual([10, 126]);
  expect(data.llmPerformance).toMatchObject({ providers: [{ attempts: 10, errorRate: 0.1 }] });
  const { providers } = data.llmPerformance as { providers: { latencyP50Ms: number; latencyP95Ms: number; latencyP99Ms: number }[] };
  expect(providers[0]!.latencyP50Ms).toBeLessThanOrEqual(providers[0]!.latencyP95Ms);
  expect(providers[0]!.latencyP95Ms).toBeLessThanOrEqual(providers[0]!.latencyP99Ms);
  expect(data.llmHealth).toMatchObject({ providers: [{ errorRate: 0.1, recentAttempts: 10 }] });
  const metrics = await world.metrics.text();
  expect(metrics).toMatch(/parley_llm_calls_total\{provider="openai_compatible",outcome="answered"\} \d+/);
  for (const name of [
    'parley_llm_calls_total{provider="openai_compatible",outcome="failed"}',
    'gen_ai_client_operation_duration_seconds_bucket{le="0.01",gen_ai_provider_name="openai_compatible",gen_ai_operation_name="chat"',
    'gen_ai_client_token_usage_sum{gen_ai_provider_name="openai_compatible",gen_ai_token_type="input"}',
    'gen_ai_client_token_usage_sum{gen_ai_provider_name="openai_compatible",gen_ai_token_type="output"}',
    'error_type="failed"',
  ])
    expect(metrics).toContain(name);
  expect(metrics).not.toContain(tenant.admin.tenantId);
  await expect(tenant.run('{ llmUsage(periodDays: 0) { requests } }')).rejects.toHaveCode('INVALID_REQUEST');
});

it('counts the calls of a message under its own id', async () => {
  const tenant = world.tenant();
  await tenant.configure({ providers: [provider({ url: fake.url })], cache: { mode: 'OFF' } });
  fake.fallback = text('x', { prompt: 3, completion: 2 });
  const model = (await world.llm.router.languageModel(tenant.admin, { usageId: 'msg-9', purpose: 'chat' }))!;
  await generateText({ model, prompt: 'one' });
  await generateText({ model, prompt: 'two' });
  const entities = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on LlmUsage { requests totalTokens models } } }';
  expect(await tenant.run(entities, { r: [{ __typename: 'LlmUsage', id: 'msg-9' }] })).toEqual({
    _entities: [{ requests: 2, totalTokens: 10, models: ['fake-model'] }],
  });
});
