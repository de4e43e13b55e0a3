import type { Strategy } from '../types';
import { obstacles } from './eligibility';
import type { CandidateFacts, RequestFacts, Verdict } from './facts';

interface Merit {
  /** 0 to 1 before health is taken into account. */
  readonly value: number;
  readonly reason: string;
}

interface Field {
  readonly candidates: readonly CandidateFacts[];
  readonly request: RequestFacts;
}

type ScoringFunction = (candidate: CandidateFacts, field: Field) => Merit;

/** A model without measurements is taken for this slow: good enough to be tried, not good enough to displace a proven one. */
const unmeasuredMs = 1_500;

export const expectedCostUsd = (candidate: CandidateFacts, request: RequestFacts): number | null =>
  candidate.inputPrice === null || candidate.outputPrice === null
    ? null
    : (request.promptTokens * candidate.inputPrice + request.maxOutputTokens * candidate.outputPrice) / 1_000_000;

const latency = (candidate: CandidateFacts, request: RequestFacts): number =>
  (request.stream ? candidate.firstTokenMs : (candidate.totalMs ?? candidate.firstTokenMs)) ?? unmeasuredMs;

const cost: ScoringFunction = (candidate, { candidates, request }) => {
  const own = expectedCostUsd(candidate, request);
  const known = candidates.map((each) => expectedCostUsd(each, request)).filter((value): value is number => value !== null);
  if (own === null) return { value: 0.05, reason: 'its price is unknown' };
  const cheapest = Math.min(...known);
  // Free models share the top; the others are measured against the cheapest that costs anything.
  const value = own === 0 ? 1 : cheapest === 0 ? 0.5 * ratio(Math.min(...known.filter((each) => each > 0)), own) : ratio(cheapest, own);
  return { value, reason: `expected cost $${own.toFixed(6)}${own === cheapest ? ', the lowest' : ''}` };
};

const speed: ScoringFunction = (candidate, { candidates, request }) => {
  const own = latency(candidate, request);
  const fastest = Math.min(...candidates.map((each) => latency(each, request)));
  const measured = candidate.firstTokenMs !== null || candidate.totalMs !== null;
  const what = request.stream ? 'to the first token' : 'to the answer';
  return {
    value: ratio(fastest, own),
    reason: measured ? `median ${Math.round(own)} ms ${what}` : `not measured yet, taken for ${unmeasuredMs} ms`,
  };
};

const quality: ScoringFunction = (candidate) => ({ value: candidate.quality / 100, reason: `quality rank ${candidate.quality} of 100` });

const turn: ScoringFunction = (candidate, { candidates, request }) => {
  const ring = [...candidates].sort(byName);
  const place = ring.findIndex((each) => each === candidate);
  const distance = (place - (request.turn % ring.length) + ring.length) % ring.length;
  return { value: 1 - distance / ring.length, reason: distance === 0 ? 'it is its turn' : `its turn comes in ${distance}` };
};

const chain: ScoringFunction = (candidate, { candidates }) => {
  const ordered = [...candidates].sort((a, b) => position(a) - position(b) || a.priority - b.priority || byName(a, b));
  const place = ordered.indexOf(candidate);
  const where =
    candidate.chainPosition === null
      ? `not in the fallback chain, priority ${candidate.priority}`
      : `number ${candidate.chainPosition + 1} of the fallback chain`;
  return { value: 1 - place / ordered.length, reason: where };
};

const scoring: Readonly<Record<Strategy, ScoringFunction>> = {
  cost_optimized: cost,
  latency_optimized: speed,
  quality_optimized: quality,
  round_robin: turn,
  fallback: chain,
};

/** Strategies whose order is an instruction, not an optimum: health decides who may take part, not who comes first. */
const ordered: ReadonlySet<Strategy> = new Set(['round_robin', 'fallback']);

/**
 * Ranks every candidate for a request. A pure function of its arguments: scoring a stored decision again gives the stored ranking.
 */
export function rank(strategy: Strategy, request: RequestFacts, candidates: readonly CandidateFacts[]): readonly Verdict[] {
  const ruled = candidates.map((facts) => ({ facts, against: obstacles(facts, request) }));
  const eligible = ruled.filter(({ against }) => against.length === 0).map(({ facts }) => facts);
  // Free and instant, the built-in engine would win every comparison that it should lose: beside models it is not compared at all.
  const hasModel = eligible.some(({ lastResort }) => !lastResort);
  const isLate = ({ lastResort }: CandidateFacts): boolean => lastResort && hasModel && strategy !== 'fallback';
  const field = { candidates: eligible.filter((facts) => !isLate(facts)), request };
  const scored = eligible.map((facts) => {
    if (isLate(facts)) return { facts, score: 0, reasons: ['the built-in engine comes after every language model'] };
    const merit = scoring[strategy](facts, field);
    const health = ordered.has(strategy) ? 1 : soundness(facts);
    const reasons = [merit.reason, ...(health < 0.995 ? [`health factor ${health.toFixed(2)}: ${concerns(facts)}`] : [])];
    return { facts, score: round(merit.value * health), reasons };
  });
  scored.sort(
    (a, b) =>
      Number(isLate(a.facts)) - Number(isLate(b.facts)) ||
      b.score - a.score ||
      a.facts.priority - b.facts.priority ||
      byName(a.facts, b.facts),
  );
  return [
    ...scored.map((each, index): Verdict => ({ eligible: true, rank: index + 1, ...each })),
    ...ruled
      .filter(({ against }) => against.length > 0)
      .map(({ facts, against }): Verdict => ({ facts, eligible: false, score: 0, reasons: against, rank: null })),
  ];
}

/** Failing models and models close to their rate limit give way gradually, before they are ruled out. */
const soundness = (facts: CandidateFacts): number => (1 - facts.errorRate) ** 2 * (0.5 + 0.5 * Math.min(1, headroom(facts) * 4));

const headroom = ({ rateLimit, rateRemaining }: CandidateFacts): number =>
  rateLimit === null || rateRemaining === null ? 1 : rateRemaining / rateLimit;

const concerns = (facts: CandidateFacts): string =>
  [
    ...(facts.errorRate > 0 ? [`${Math.round(facts.errorRate * 100)} % of recent calls failed`] : []),
    ...(headroom(facts) < 0.25 ? [`${facts.rateRemaining} of ${facts.rateLimit} requests a minute left`] : []),
  ].join(', ');

const ratio = (best: number, own: number): number => (own <= 0 ? 1 : Math.min(1, best / own));
const round = (value: number): number => Math.round(value * 10_000) / 10_000;
const position = ({ chainPosition }: CandidateFacts): number => chainPosition ?? Number.MAX_SAFE_INTEGER;
const byName = (a: CandidateFacts, b: CandidateFacts): number =>
  a.provider === b.provider ? compare(a.model, b.model) : compare(a.provider, b.provider);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
