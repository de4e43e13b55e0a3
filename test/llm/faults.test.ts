import { inspect } from 'node:util';

import { generateText, streamText, type ModelMessage } from 'ai';

import { findAppError } from '#platform/errors';

import { cut, hang, startFakeModel, stall, status, text, toolCall, tokens, type FakeModel } from '../kit/fake-model';
import { holdTimers } from '../kit/held-timers';
import { until } from '../kit/until';
import { ask, llmWorld, provider, question, type Asked, type LlmTenant, type LlmWorld } from './world';

const messages: ModelMessage[] = [{ role: 'user', content: 'Say something' }];

interface Two extends AsyncDisposable {
  readonly world: LlmTenant;
  readonly first: FakeModel;
  readonly second: FakeModel;
  failure(run: Promise<unknown>): Promise<{ code: string | undefined; details: Record<string, unknown> }>;
}

/** The longest that a breaker stays open. The clock is moved beyond it: by itself no machine is so slow that it passes. */
const breakerOpenMs = 120_000;
let aheadMs = 0;
const systemNow = Date.now.bind(Date);

let shared: LlmWorld;
beforeAll(async () => {
  jest.spyOn(Date, 'now').mockImplementation(() => systemNow() + aheadMs);
  shared = await llmWorld({ guard: { breakerThreshold: 3, breakerOpenMs } });
});
afterAll(async () => {
  await shared[Symbol.asyncDispose]();
  jest.restoreAllMocks();
});

/** A tenant with two scripted providers in a fallback chain: `first`, then `second`. */
async function twoProviders(config: Record<string, unknown> = {}): Promise<Two> {
  const [first, second] = [await startFakeModel(), await startFakeModel()];
  const world = shared.tenant();
  await world.configure({
    providers: [provider({ name: 'first', url: first.url }), provider({ name: 'second', url: second.url })],
    defaultStrategy: 'FALLBACK',
    fallbackChain: ['first', 'second'],
    cache: { mode: 'OFF' },
    maxRetries: 0,
    ...config,
  });
  return {
    world,
    first,
    second,
    async failure(run) {
      const error: unknown = await run.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return { code: findAppError(error)?.code, details: { ...findAppError(error)?.details } };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first.close(), second.close()]);
    },
  };
}

const route = (world: LlmTenant, more: Record<string, unknown> = {}): Promise<Asked> =>
  world.run<Asked>(ask, question('Say something', more));

describe('L1: a provider that refuses', () => {
  it.each([
    ['500', status(500), 'server_error', 500],
    ['429 with Retry-After', status(429, { 'retry-after': '30' }), 'rate_limited', 429],
    ['401', status(401), 'unauthorized', 401],
    ['a body that is not JSON', { kind: 'raw', body: '<html>busy</html>' } as const, 'invalid_output', null],
    ['a socket cut in the body', cut(), 'connection', null],
  ])('goes to the next of the chain on %s, and says why in the attempts', async (_name, script, reason, code) => {
    await using two = await twoProviders();
    two.first.script(script);
    two.second.script(text('from the second'));
    const { routeLlm } = await route(two.world);
    expect(routeLlm).toMatchObject({ content: 'from the second', provider: 'second' });
    expect(routeLlm.attempts).toEqual([
      { provider: 'first', model: 'fake-model', outcome: 'FAILED', reason: reason.toUpperCase(), status: code },
      { provider: 'second', model: 'fake-model', outcome: 'ANSWERED', reason: null, status: null },
    ]);
  });

  it('goes on when a host does not resolve', async () => {
    await using two = await twoProviders();
    await two.world.configure({
      providers: [provider({ name: 'first', url: 'http://no-such-host.invalid/v1' }), provider({ name: 'second', url: two.second.url })],
    });
    expect((await route(two.world)).routeLlm.provider).toBe('second');
  });

  it('is LLM_UNAVAILABLE with each reason and the shortest wait when all are down', async () => {
    await using two = await twoProviders();
    two.first.fallback = status(429, { 'retry-after': '30' });
    two.second.fallback = status(503);
    const { code, details } = await two.failure(route(two.world));
    expect(code).toBe('LLM_UNAVAILABLE');
    expect(details).toMatchObject({
      reasons: { 'first/fake-model': 'rate_limited', 'second/fake-model': 'server_error' },
      retryAfterSeconds: 30,
    });
    const again = await two.failure(route(two.world));
    expect(again.details.reasons).toMatchObject({ 'first/fake-model': 'rate_limited' });
    expect(two.first.requests).toHaveLength(1);
  });

  it('honours a short Retry-After of the only provider left, and then answers', async () => {
    await using two = await twoProviders({ maxRetries: 1 });
    await two.world.configure({ providers: [provider({ name: 'first', url: two.first.url })], fallbackChain: ['first'] });
    two.first.script(status(429, { 'retry-after-ms': '200' }), text('after the wait'));
    const started = performance.now();
    expect((await route(two.world)).routeLlm.content).toBe('after the wait');
    expect(performance.now() - started).toBeGreaterThanOrEqual(195);
  });

  it('opens the breaker after failures in a row, asks no more, and closes it by one test call', async () => {
    await using two = await twoProviders();
    two.first.fallback = status(500);
    for (let i = 0; i < 5; i += 1) await route(two.world);
    expect(two.first.requests).toHaveLength(3);
    const health = await two.world.run<{
      llmHealth: { status: string; providers: { provider: string; status: string; breaker: string; reasons: string[] }[] };
    }>('{ llmHealth { status providers { provider status breaker reasons } } }');
    expect(health.llmHealth.providers.find(({ provider: name }) => name === 'first')).toMatchObject({ status: 'DOWN', breaker: 'open' });
    two.first.fallback = text('well again');
    aheadMs += breakerOpenMs + 1_000;
    expect((await route(two.world)).routeLlm.provider).toBe('first');
    expect(two.first.requests).toHaveLength(4);
  });

  it('answers at once, without any request, when every breaker is open', async () => {
    await using two = await twoProviders();
    two.first.fallback = two.second.fallback = status(500);
    for (let i = 0; i < 3; i += 1) await two.failure(route(two.world));
    const before = two.first.requests.length + two.second.requests.length;
    const { code, details } = await two.failure(route(two.world));
    expect(code).toBe('LLM_UNAVAILABLE');
    expect(details.reasons).toEqual({ 'first/fake-model': 'breaker_open', 'second/fake-model': 'breaker_open' });
    expect(two.first.requests.length + two.second.requests.length).toBe(before);
  });

  it('tells 503 and Retry-After at the OpenAI door', async () => {
    await using two = await twoProviders();
    two.first.fallback = two.second.fallback = status(429, { 'retry-after': '7' });
    const answer = await fetch(`${two.world.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${two.world.admin.tenantId}` },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.json()).toMatchObject({ error: { type: 'server_error', code: 'llm_unavailable' } });
  });
});

describe('what a failure may be written with', () => {
  it.each([
    ['500', status(500)],
    ['401', status(401, {}, 'Incorrect API key provided: sk-canary-key-12345678')],
    ['400', status(400, {}, 'bad value near: canary in the prompt')],
    ['a cut socket', cut()],
    ['nonsense', { kind: 'raw', body: 'canary-echo {' } as const],
  ])('holds neither prompt nor key nor address, on %s', async (_name, script) => {
    await using two = await twoProviders();
    await two.world.configure({
      providers: [provider({ name: 'first', url: two.first.url, apiKey: 'sk-canary-key-12345678' })],
      fallbackChain: [],
    });
    two.first.fallback = script;
    const error: unknown = await two.world.run(ask, question('my canary-prompt')).catch((thrown: unknown) => thrown);
    const everything = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
    expect(everything).not.toContain('canary-prompt');
    expect(everything).not.toContain('canary-key');
    expect(everything).not.toContain(new URL(two.first.url).port);
  });
});

describe('L2: a provider that is slow, stalls or breaks off', () => {
  // Lengths that nothing else has: the tests hold their timers, and let them pass where the provider is silent.
  const [firstTokenMs, idleMs, totalMs] = [54_321, 65_432, 3_600_000];
  const timed = { timeouts: { firstTokenMs, idleMs, totalMs } };

  it('gives up on a first token that does not come, and tries the next', async () => {
    using firstToken = holdTimers(firstTokenMs);
    await using two = await twoProviders(timed);
    two.first.script(hang());
    two.second.script(text('here'));
    const model = await two.world.llm.router.languageModel(two.world.admin);
    const answer = streamText({ model: model!, messages, maxRetries: 0 }).text;
    await until(() => two.first.requests.length === 1);
    firstToken.passLast();
    expect(await answer).toBe('here');
    await until(() => two.first.requests[0]?.aborted);
  });

  it('is LLM_UNAVAILABLE with reason timeout where nobody sends a first token', async () => {
    using firstToken = holdTimers(firstTokenMs);
    await using two = await twoProviders(timed);
    two.first.fallback = two.second.fallback = hang();
    const model = await two.world.llm.router.languageModel(two.world.admin);
    const failed = two.failure(Promise.resolve(model!.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] })));
    for (const { requests } of [two.first, two.second]) {
      await until(() => requests.length === 1);
      firstToken.passLast();
    }
    const { code, details } = await failed;
    expect(code).toBe('LLM_UNAVAILABLE');
    expect(details.reasons).toEqual({ 'first/fake-model': 'timeout', 'second/fake-model': 'timeout' });
  });

  it('is TIMEOUT where the caller’s own deadline passed', async () => {
    await using two = await twoProviders();
    two.first.fallback = hang();
    const model = await two.world.llm.router.languageModel(two.world.admin);
    const run = model!.doGenerate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }],
      abortSignal: AbortSignal.timeout(200),
    });
    expect((await two.failure(Promise.resolve(run))).code).toBe('TIMEOUT');
  });

  it.each([
    ['stalls', stall('The ', 'answer '), 'timeout'],
    ['loses its socket', cut('The ', 'answer '), 'interrupted'],
    ['ends its body without a finish', { kind: 'cut', tokens: ['The ', 'answer '], clean: true } as const, 'invalid_output'],
    [
      'sends nonsense',
      {
        kind: 'raw',
        contentType: 'text/event-stream',
        body: 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"The answer "}}]}\n\ndata: {not json}\n\n',
      } as const,
      'invalid_output',
    ],
  ])('ends with a typed error and the partial text when the stream %s; nothing is asked twice', async (_name, script, reason) => {
    using silence = holdTimers(idleMs);
    await using two = await twoProviders(timed);
    two.first.script(script);
    const model = await two.world.llm.router.languageModel(two.world.admin, { usageId: 'msg-1' });
    const errors: unknown[] = [];
    let seen = '';
    const run = streamText({ model: model!, messages, maxRetries: 0, onError: () => undefined });
    // Only while the provider is waited for does its silence end a stream: the time passes again until it did.
    const passing = setInterval(() => {
      if (reason === 'timeout' && seen === 'The answer ') silence.passLast();
    }, 10);
    for await (const part of run.fullStream) {
      if (part.type === 'text-delta') seen += part.text;
      if (part.type === 'error') errors.push(part.error);
    }
    clearInterval(passing);
    expect(seen).toBe('The answer ');
    expect(errors).toHaveLength(1);
    expect(findAppError(errors[0])?.code).toBe('LLM_UNAVAILABLE');
    expect(findAppError(errors[0])?.details).toMatchObject({ reason, interrupted: true, partialText: 'The answer ' });
    expect([two.first.requests.length, two.second.requests.length]).toEqual([1, 0]);
    const { routingDecisions } = await two.world.run<{ routingDecisions: { nodes: { status: string }[] } }>(
      '{ routingDecisions { nodes { status } } }',
    );
    expect(routingDecisions.nodes).toEqual([{ status: 'INTERRUPTED' }]);
  });

  it('ends a stream that nobody reads when its time is up, and gives its place back', async () => {
    // The time before the attempt is taken off.
    using whole = holdTimers(totalMs, { shorterBy: 600_000 });
    await using two = await twoProviders(timed);
    await two.world.configure({ providers: [provider({ name: 'first', url: two.first.url, maxConcurrent: 1 })], fallbackChain: [] });
    two.first.script(stall('one '));
    const model = (await two.world.llm.router.languageModel(two.world.admin))!;
    const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    whole.passLast();
    await until(() => two.first.requests[0]?.aborted);
    expect((await route(two.world)).routeLlm.content).toBe('ok');
    const parts = [];
    for await (const part of stream as unknown as AsyncIterable<{ type: string }>) parts.push(part.type);
    expect(parts.filter((type) => type === 'text-delta' || type === 'error' || type === 'finish')).toEqual(['text-delta', 'error']);
  });

  it('ends and settles the streams that are open when the service stops, also one that nobody reads', async () => {
    await using world = await llmWorld();
    const provided = await startFakeModel();
    await world.configure({ providers: [provider({ url: provided.url })] });
    provided.script(stall('one '));
    const model = (await world.llm.router.languageModel(world.admin))!;
    const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    await world.llm.close();
    const parts = [];
    for await (const part of stream as unknown as AsyncIterable<{ type: string }>) parts.push(part.type);
    expect(parts.at(-1)).toBe('error');
    const { routingDecisions } = await world.run<{ routingDecisions: { nodes: { status: string }[] } }>(
      '{ routingDecisions { nodes { status } } }',
    );
    expect(routingDecisions.nodes).toEqual([{ status: 'INTERRUPTED' }]);
    await provided.close();
  });

  it('charges what was produced before the break, and nothing for a call that failed', async () => {
    await using two = await twoProviders({ dailyTokenLimit: 100_000 });
    two.first.script(cut('one ', 'two ', 'three '), status(500));
    two.second.script(status(500));
    const model = await two.world.llm.router.languageModel(two.world.admin);
    await streamText({ model: model!, messages, maxRetries: 0, onError: () => undefined }).consumeStream();
    await two.failure(route(two.world));
    const { llmUsage } = await two.world.run<{ llmUsage: { completionTokens: number; budgets: { spent: number; reserved: number }[] } }>(
      '{ llmUsage { completionTokens budgets { spent reserved } } }',
    );
    expect(llmUsage.completionTokens).toBeGreaterThan(2);
    expect(llmUsage.budgets[0]!.spent).toBeGreaterThan(llmUsage.completionTokens);
    expect(llmUsage.budgets[0]!.spent).toBeLessThan(50);
    expect(llmUsage.budgets[0]!.reserved).toBe(0);
  });
});

describe('L3: output that is no answer', () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'run_sql', parameters: { type: 'object', properties: { sql: { type: 'string' } }, required: ['sql'] } },
    },
  ];

  it.each([
    ['a tool that does not exist', toolCall('drop_everything', {})],
    ['arguments that are no JSON', toolCall('run_sql', '{"sql": ')],
    ['arguments that miss a field', toolCall('run_sql', { query: 'select 1' })],
  ])('takes %s for a failed attempt and asks the next', async (_name, script) => {
    await using two = await twoProviders();
    two.first.script(script);
    two.second.script(toolCall('run_sql', { sql: 'select 1' }));
    const { routeLlm } = await route(two.world, { tools });
    expect(routeLlm.attempts.map(({ reason }) => reason)).toEqual(['INVALID_OUTPUT', null]);
  });

  it('asks the same model again within maxRetries, then says invalid_output', async () => {
    await using two = await twoProviders({ maxRetries: 2 });
    await two.world.configure({ providers: [provider({ name: 'first', url: two.first.url })], fallbackChain: [] });
    two.first.fallback = text('{"name": ');
    const { code, details } = await two.failure(route(two.world, { responseFormat: { type: 'json_object' } }));
    expect(code).toBe('LLM_UNAVAILABLE');
    expect(details.reasons).toEqual({ 'first/fake-model': 'invalid_output' });
    expect(two.first.requests).toHaveLength(3);
  });

  it('checks the answer against the schema that was asked for', async () => {
    await using two = await twoProviders();
    two.first.script(text('{"name": 5}'));
    two.second.script(text('{"name": "Ada"}'));
    const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
    const { routeLlm } = await route(two.world, { responseFormat: { type: 'json_schema', json_schema: { name: 'person', schema } } });
    expect(routeLlm).toMatchObject({ provider: 'second', content: '{"name": "Ada"}' });
  });

  it('cuts ten megabytes at one, as an answer that was too long', async () => {
    await using two = await twoProviders();
    two.first.script({ kind: 'endless', token: 'All work and no play. ' });
    const { routeLlm } = await route(two.world);
    expect(Buffer.byteLength(routeLlm.content)).toBe(1_048_576);
    expect(routeLlm.warnings).toEqual([expect.stringContaining('cut')]);
  });

  it('cuts a stream that repeats itself for ever, and ends the provider’s work', async () => {
    await using two = await twoProviders();
    two.first.script({ kind: 'endless', token: 'All work and no play makes a dull model. ' });
    const model = await two.world.llm.router.languageModel(two.world.admin);
    const run = streamText({ model: model!, messages, maxRetries: 0 });
    const answer = await run.text;
    expect(await run.finishReason).toBe('length');
    expect(answer.length).toBeLessThan(20_000);
    await until(() => two.first.requests[0]?.aborted);
  });

  it('cuts a model that ignores max_tokens', async () => {
    await using two = await twoProviders();
    two.first.script(tokens(...Array.from({ length: 500 }, (_, index) => `word${index * 7919} `)));
    const model = await two.world.llm.router.languageModel(two.world.admin);
    const run = streamText({ model: model!, messages, maxRetries: 0, maxOutputTokens: 20 });
    expect((await run.text).length).toBeLessThan(700);
    expect(await run.finishReason).toBe('length');
  });
});

it('gives generateText of the AI SDK an answer with the decision behind it', async () => {
  await using two = await twoProviders();
  two.first.script(text('fine'));
  const model = await two.world.llm.router.languageModel(two.world.admin, { purpose: 'sql', usageId: 'msg-7' });
  const { text: answer, providerMetadata } = await generateText({ model: model!, messages });
  expect(answer).toBe('fine');
  expect(providerMetadata?.parley).toMatchObject({ provider: 'first', decisionId: expect.stringMatching(/^rd-/) });
});
