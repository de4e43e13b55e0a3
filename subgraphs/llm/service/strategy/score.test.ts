import fc from 'fast-check';

import { strategies } from '../types';
import type { CandidateFacts, RequestFacts } from './facts';
import { rank } from './score';

const request: RequestFacts = {
  model: null,
  promptTokens: 1_000,
  maxOutputTokens: 500,
  tools: 'none',
  json: false,
  stream: false,
  turn: 0,
};

const candidate = (provider: string, more: Partial<CandidateFacts> = {}): CandidateFacts => ({
  provider,
  kind: 'openai_compatible',
  model: 'm',
  priority: 100,
  chainPosition: null,
  lastResort: false,
  tools: true,
  json: true,
  streaming: true,
  contextTokens: 100_000,
  maxTokens: null,
  inputPrice: 1,
  outputPrice: 2,
  firstTokenMs: 200,
  totalMs: 1_000,
  quality: 50,
  errorRate: 0,
  breaker: 'closed',
  waitMs: 0,
  freeSlots: 10,
  rateLimit: null,
  rateRemaining: null,
  ...more,
});

const order = (...args: Parameters<typeof rank>): string[] =>
  rank(...args)
    .filter(({ eligible }) => eligible)
    .map(({ facts }) => facts.provider);

describe('each strategy ranks by its own measure', () => {
  it('cost: by what the request is expected to cost, and an unknown price comes last', () => {
    const candidates = [
      candidate('dear', { inputPrice: 10, outputPrice: 30 }),
      candidate('unknown', { inputPrice: null, outputPrice: null }),
      candidate('cheap'),
    ];
    expect(order('cost_optimized', request, candidates)).toEqual(['cheap', 'dear', 'unknown']);
  });

  it('cost: a long prompt and a short answer can turn the order', () => {
    const candidates = [
      candidate('reads cheaply', { inputPrice: 1, outputPrice: 20 }),
      candidate('writes cheaply', { inputPrice: 4, outputPrice: 4 }),
    ];
    expect(order('cost_optimized', { ...request, promptTokens: 20_000, maxOutputTokens: 100 }, candidates)[0]).toBe('reads cheaply');
    expect(order('cost_optimized', { ...request, promptTokens: 100, maxOutputTokens: 4_000 }, candidates)[0]).toBe('writes cheaply');
  });

  it('latency: by first token for a stream, by the whole answer otherwise; a proven model beats an unmeasured one', () => {
    const candidates = [
      candidate('starts fast', { firstTokenMs: 50, totalMs: 1_200 }),
      candidate('ends fast', { firstTokenMs: 400, totalMs: 500 }),
      candidate('new', { firstTokenMs: null, totalMs: null }),
    ];
    expect(order('latency_optimized', { ...request, stream: true }, candidates)).toEqual(['starts fast', 'ends fast', 'new']);
    expect(order('latency_optimized', request, candidates)).toEqual(['ends fast', 'starts fast', 'new']);
  });

  it('quality: by rank, unless the better one keeps failing', () => {
    expect(order('quality_optimized', request, [candidate('good', { quality: 90 }), candidate('fair', { quality: 70 })])).toEqual([
      'good',
      'fair',
    ]);
    expect(
      order('quality_optimized', request, [candidate('good', { quality: 90, errorRate: 0.5 }), candidate('fair', { quality: 70 })]),
    ).toEqual(['fair', 'good']);
  });

  it('round robin: each in turn, whatever its health', () => {
    const candidates = [candidate('a'), candidate('b', { errorRate: 0.9 }), candidate('c')];
    expect([0, 1, 2, 3].map((turn) => order('round_robin', { ...request, turn }, candidates)[0])).toEqual(['a', 'b', 'c', 'a']);
  });

  it('fallback: the chain, then priority', () => {
    const candidates = [
      candidate('late', { priority: 2 }),
      candidate('early', { priority: 1 }),
      candidate('second', { chainPosition: 1 }),
      candidate('first', { chainPosition: 0 }),
    ];
    expect(order('fallback', request, candidates)).toEqual(['first', 'second', 'early', 'late']);
  });
});

describe('what rules a candidate out is said in words', () => {
  it.each<[string, Partial<CandidateFacts>, Partial<RequestFacts>, RegExp]>([
    ['tools', { tools: false }, { tools: 'offered' }, /cannot call tools/],
    ['JSON', { json: false }, { json: true }, /JSON/],
    ['streaming', { streaming: false }, { stream: true }, /stream/],
    ['context', { contextTokens: 999 }, {}, /1000 tokens.*999/],
    ['breaker', { breaker: 'open', waitMs: 4_200 }, {}, /breaker_open for another 5 s/],
    ['Retry-After', { waitMs: 1_500 }, {}, /2 s of silence/],
    ['places', { freeSlots: 0 }, {}, /overloaded/],
    ['rate', { rateLimit: 60, rateRemaining: 0 }, {}, /60 requests a minute/],
    ['another model', {}, { model: 'gpt' }, /names the model gpt/],
  ])('%s', (_name, facts, wanted, words) => {
    const [verdict] = rank('quality_optimized', { ...request, ...wanted }, [candidate('x', facts)]);
    expect(verdict).toMatchObject({ eligible: false, score: 0, rank: null });
    expect(verdict!.reasons.join(' ')).toMatch(words);
  });

  it('an open breaker whose time is over is tried again', () => {
    expect(order('quality_optimized', request, [candidate('x', { breaker: 'open', waitMs: 0 })])).toEqual(['x']);
  });

  it('the built-in engine never displaces a model, though it is free and instant; in the chain it has its place', () => {
    const builtin = candidate('builtin', { kind: 'builtin', lastResort: true, inputPrice: 0, outputPrice: 0, firstTokenMs: 1, totalMs: 1 });
    for (const strategy of strategies) expect(order(strategy, request, [builtin, candidate('model')])).toEqual(['model']);
    expect(order('cost_optimized', request, [{ ...builtin, chainPosition: 1 }, candidate('model', { chainPosition: 0 })])).toEqual([
      'model',
      'builtin',
    ]);
    const [best, last] = rank('cost_optimized', request, [{ ...builtin, chainPosition: 1 }, candidate('model', { chainPosition: 0 })]);
    expect([best?.score, best?.reasons[0]]).toEqual([1, expect.stringContaining('the lowest')]);
    expect([last?.score, last?.reasons]).toEqual([0, ['the built-in engine comes after every language model']]);
    expect(order('cost_optimized', { ...request, model: 'builtin' }, [builtin, candidate('model')])).toEqual(['builtin']);
  });
});

it('is a pure function: the order of the candidates and a trip through JSON change nothing', () => {
  const facts = fc.record({
    priority: fc.integer({ min: 0, max: 5 }),
    inputPrice: fc.option(fc.double({ min: 0, max: 50, noNaN: true })),
    outputPrice: fc.option(fc.double({ min: 0, max: 50, noNaN: true })),
    totalMs: fc.option(fc.integer({ min: 1, max: 9_000 })),
    quality: fc.integer({ min: 0, max: 100 }),
    errorRate: fc.double({ min: 0, max: 1, noNaN: true }),
    freeSlots: fc.integer({ min: 0, max: 2 }),
    waitMs: fc.constantFrom(0, 0, 0, 500),
  });
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1, maxLength: 6 }), fc.constantFrom(...strategies), (all, strategy) => {
      const candidates = all.map((each, index) => candidate(`p${index}`, each));
      const once = rank(strategy, request, candidates);
      const stored = JSON.parse(JSON.stringify([...candidates].reverse())) as CandidateFacts[];
      const again = rank(strategy, JSON.parse(JSON.stringify(request)) as RequestFacts, stored);
      const eligible = (verdicts: typeof once) => verdicts.filter((each) => each.eligible);
      expect(JSON.parse(JSON.stringify(eligible(again)))).toEqual(JSON.parse(JSON.stringify(eligible(once))));
      expect(eligible(once).map((each) => each.rank)).toEqual(eligible(once).map((_, index) => index + 1));
      for (const { score } of once) expect(score >= 0 && score <= 1).toBe(true);
    }),
  );
});
