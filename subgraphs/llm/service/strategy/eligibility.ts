import type { CandidateFacts, RequestFacts } from './facts';

/** What rules a candidate out, in words; empty where nothing does. */
export function obstacles(candidate: CandidateFacts, request: RequestFacts): string[] {
  const found: string[] = [];
  if (!matchesModel(candidate, request.model)) found.push(`the request names the model ${request.model}`);
  if (candidate.lastResort && candidate.chainPosition === null && request.model === null) {
    found.push('the built-in engine answers where it is named, in the fallback chain, or the only one');
  }
  // The built-in model may be offered tools and answer in words; it cannot be made to call one.
  const needsTools = request.tools === 'required' || (request.tools === 'offered' && candidate.kind !== 'builtin');
  if (needsTools && !candidate.tools) found.push('it cannot call tools');
  if (request.json && !candidate.json) found.push('it cannot be held to JSON');
  if (request.stream && !candidate.streaming) found.push('it does not stream');
  if (request.promptTokens > candidate.contextTokens) {
    found.push(`the prompt (about ${request.promptTokens} tokens) exceeds its context of ${candidate.contextTokens}`);
  }
  if (candidate.breaker === 'open' && candidate.waitMs > 0) found.push(`breaker_open for another ${seconds(candidate.waitMs)} s`);
  else if (candidate.breaker === 'half_open') found.push('breaker_open: one call is testing whether it has recovered');
  else if (candidate.waitMs > 0) found.push(`rate_limited: the provider asked for ${seconds(candidate.waitMs)} s of silence`);
  if (candidate.freeSlots <= 0) found.push('overloaded: all its places are taken');
  if (candidate.rateRemaining !== null && candidate.rateRemaining <= 0)
    found.push(`rate_limited: ${candidate.rateLimit} requests a minute are used up`);
  return found;
}

/** `model` may be `provider/model`, a model, or a provider. */
export const matchesModel = (candidate: Pick<CandidateFacts, 'provider' | 'model'>, wanted: string | null): boolean =>
  wanted === null || wanted === candidate.model || wanted === candidate.provider || wanted === `${candidate.provider}/${candidate.model}`;

const seconds = (milliseconds: number): number => Math.ceil(milliseconds / 1_000);
