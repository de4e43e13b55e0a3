import { registerEnumType } from 'type-graphql';

import { chartTypes } from '#platform/charts';

/** GraphQL names in capitals, values as REST and the services write them. */
const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const SessionStatus = enumOf(['active', 'expired', 'closed', 'archived'] as const);
export const MessageRole = enumOf(['user', 'assistant'] as const);
export const MessageStatus = enumOf(['completed', 'running', 'failed', 'cancelled'] as const);
export const ChatIntent = enumOf(['sql_query', 'analysis', 'visualization', 'help', 'schema'] as const);
export const ChatAgent = enumOf(['router', 'sql', 'analysis', 'visualization', 'docs'] as const);
export const ChatChartType = enumOf(chartTypes);
export const InsightKind = enumOf(['trend', 'change', 'seasonality', 'outlier', 'contributor', 'concentration', 'decomposition'] as const);
export const FeedbackKind = enumOf(['thumbs_up', 'thumbs_down', 'rating', 'correction'] as const);

registerEnumType(SessionStatus, {
  name: 'SessionStatus',
  description: 'Whether a conversation goes on: only an active one takes messages.',
});
registerEnumType(MessageRole, { name: 'MessageRole', description: 'Who said it.' });
registerEnumType(MessageStatus, {
  name: 'MessageStatus',
  description: 'Where a message stands; a failed or cancelled answer can be tried again.',
});
registerEnumType(ChatIntent, { name: 'ChatIntent', description: 'What a message wanted.' });
registerEnumType(ChatAgent, { name: 'ChatAgent', description: 'A specialist that takes part in a turn.' });
registerEnumType(ChatChartType, { name: 'ChatChartType', description: 'How a result is drawn.' });
registerEnumType(InsightKind, { name: 'ChatInsightKind', description: 'What an insight is about.' });
registerEnumType(FeedbackKind, { name: 'ChatFeedbackKind', description: 'The kind of a judgement.' });
