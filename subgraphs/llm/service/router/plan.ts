import type { LanguageModelV3CallOptions } from '@ai-sdk/provider';

import { errors, nearestName } from '#platform/errors';

import type { ActiveConfig, Target } from '../config/active-config';
import { matchesModel } from '../strategy/eligibility';
import type { CandidateFacts, RequestFacts, Verdict } from '../strategy/facts';
import { rank } from '../strategy/score';
import type { RouteCall, Strategy } from '../types';
import { likelyTokens, promptBytes } from './tokens';

export interface Plan {
  readonly strategy: Strategy;
  readonly request: RequestFacts;
  readonly verdicts: readonly Verdict[];
  /** Eligible targets, best first. */
  readonly ranked: readonly Target[];
  readonly promptBytes: number;
}

/** What an answer is taken to be long where nobody says. */
const usualAnswerTokens = 512;
const largestPromptBytes = 1_000_000;

/** Who could serve this call, in which order, and why. Throws INVALID_REQUEST for what no configuration could serve. */
export function plan({ settings, targets }: ActiveConfig, call: RouteCall, turn: number): Plan {
  const bytes = promptBytes(call.options);
  if (bytes >= largestPromptBytes) throw errors.PAYLOAD_TOO_LARGE({ maxBytes: largestPromptBytes }, { field: 'messages' });
  const model = namedModel(call.model);
  const strategy = call.strategy ?? settings.defaultStrategy;
  const request: RequestFacts = {
    model,
    promptTokens: likelyTokens(bytes),
    maxOutputTokens: call.options.maxOutputTokens ?? usualAnswerTokens,
    tools: toolNeed(call.options, targets),
    json: call.options.responseFormat?.type === 'json',
    stream: call.stream,
    turn,
  };
  if (model !== null) requireKnown(model, targets);
  const isAlone = targets.every(({ provider }) => provider.kind === 'builtin');
  const facts = new Map(targets.map((target) => [factsOf(target, isAlone), target] as const));
  const verdicts = rank(strategy, request, [...facts.keys()]);
  const ranked = verdicts.filter(({ eligible }) => eligible).map((verdict) => facts.get(verdict.facts)!);
  if (ranked.length === 0) requireFits(request, verdicts);
  return { strategy, request, verdicts, ranked, promptBytes: bytes };
}

/** `auto` and `parley` mean: whichever the strategy chooses. */
const namedModel = (model: string | undefined): string | null => (!model || model === 'auto' || model === 'parley' ? null : model);

const toolNeed = ({ tools, toolChoice }: LanguageModelV3CallOptions, targets: readonly Target[]): RequestFacts['tools'] => {
  if (!tools || tools.length === 0 || toolChoice?.type === 'none') return 'none';
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool') return 'required';
  // Where nobody could take the offer, it rules nobody out.
  return targets.some(({ facts }) => facts.tools) ? 'offered' : 'none';
};

function requireKnown(model: string, targets: readonly Target[]): void {
  if (targets.some((target) => matchesModel({ provider: target.provider.name, model: target.model }, model))) return;
  const known = targets.flatMap((target) => [target.model, `${target.provider.name}/${target.model}`]);
  const near = nearestName(model, known);
  const hint = `no configured model is called ${model.slice(0, 100)}${near ? `; did you mean ${near}` : '; auto lets the strategy choose'}`;
  throw errors.INVALID_REQUEST(
    { what: 'model', hint },
    { field: 'model', details: { models: known.filter((name) => name.includes('/')).slice(0, 50) } },
  );
}

function requireFits({ model, promptTokens }: RequestFacts, verdicts: readonly Verdict[]): void {
  const largest = Math.max(0, ...verdicts.filter(({ facts }) => matchesModel(facts, model)).map(({ facts }) => facts.contextTokens));
  if (promptTokens <= largest) return;
  const hint = `about ${promptTokens} tokens are more than the largest context here, ${largest}`;
  throw errors.INVALID_REQUEST(
    { what: 'messages', hint },
    { field: 'messages', details: { limit: 'contextTokens', value: promptTokens, maximum: largest } },
  );
}

function factsOf(target: Target, isAlone: boolean): CandidateFacts {
  const { provider, model, facts, guard, chainPosition } = target;
  const rate = target.rateRemaining && target.rateRemaining.until > Date.now() ? target.rateRemaining.value : provider.rateLimitRpm;
  return {
    provider: provider.name,
    kind: provider.kind,
    model,
    priority: provider.priority,
    chainPosition,
    lastResort: provider.kind === 'builtin' && !isAlone,
    tools: facts.tools,
    json: facts.json,
    streaming: facts.streaming,
    contextTokens: facts.contextTokens,
    maxTokens: provider.maxTokens,
    inputPrice: facts.inputPrice,
    outputPrice: facts.outputPrice,
    quality: facts.quality,
    ...guard.facts,
    rateLimit: provider.rateLimitRpm,
    rateRemaining: rate,
  };
}
