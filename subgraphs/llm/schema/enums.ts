import { registerEnumType } from 'type-graphql';

import { failureReasons, providerKinds, strategies } from '../service/types';

/** GraphQL names in capitals, values as REST and the services write them. */
const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const LlmStrategy = enumOf(strategies);
export const LlmProviderKind = enumOf(providerKinds);
export const LlmFailureReason = enumOf(failureReasons);
export const LlmCacheMode = enumOf(['off', 'exact', 'semantic'] as const);
export const LlmProviderStatus = enumOf(['healthy', 'degraded', 'down', 'unknown'] as const);
export const LlmDecisionStatus = enumOf(['answered', 'cached', 'failed', 'interrupted', 'cancelled', 'refused'] as const);
export const LlmAttemptOutcome = enumOf(['answered', 'failed', 'interrupted', 'cancelled'] as const);

registerEnumType(LlmStrategy, {
  name: 'LlmStrategy',
  description:
    'How a model is chosen: by expected cost, by measured latency, by quality rank, in turn, or in the order of the fallback chain.',
});
registerEnumType(LlmProviderKind, {
  name: 'LlmProviderKind',
  description: 'Which API a provider speaks; builtin is the semantic engine, which needs no key.',
});
registerEnumType(LlmFailureReason, { name: 'LlmFailureReason', description: 'Why an attempt at a model came to nothing.' });
registerEnumType(LlmCacheMode, {
  name: 'LlmCacheMode',
  description: 'off; exact: the same request again; semantic: also another wording of the same question.',
});
registerEnumType(LlmProviderStatus, {
  name: 'LlmProviderStatus',
  description: 'How a model stands: down means that its breaker is open; unknown, that it was not called yet.',
});
registerEnumType(LlmDecisionStatus, {
  name: 'LlmDecisionStatus',
  description: 'How a request ended; refused: no candidate could take it, or a budget was spent.',
});
registerEnumType(LlmAttemptOutcome, { name: 'LlmAttemptOutcome', description: 'How one attempt ended.' });
