import { registerEnumType } from 'type-graphql';

/** GraphQL names in capitals, values as REST and the services write them. */
const enumOf = <Value extends string>(values: readonly Value[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(values.map((value) => [value.toUpperCase(), value]));

export const AgentType = enumOf(['conversational', 'specialist', 'supervisor', 'worker'] as const);
export const AgentRole = enumOf(['analyst', 'coordinator', 'executor', 'reviewer'] as const);
export const AgentRunStatus = enumOf(['idle', 'thinking', 'executing', 'waiting_approval', 'completed', 'failed', 'cancelled'] as const);
export const ApprovalStatus = enumOf(['pending', 'approved', 'rejected', 'expired'] as const);
export const TeamMode = enumOf(['sequential', 'parallel', 'hierarchical'] as const);
export const GuardrailName = enumOf([
  'pii_detection',
  'prompt_injection',
  'content_safety',
  'sql_safety',
  'action_validation',
  'budget_guard',
  'rate_limiter',
] as const);
export const ToolEffect = enumOf(['read', 'write', 'external'] as const);

registerEnumType(AgentType, { name: 'AgentType', description: 'What kind of agent it is.' });
registerEnumType(AgentRole, { name: 'AgentRole', description: 'What an agent does in a team.' });
registerEnumType(AgentRunStatus, { name: 'AgentRunStatus', description: 'Where a run stands; COMPLETED, FAILED and CANCELLED are final.' });
registerEnumType(ApprovalStatus, { name: 'ApprovalStatus', description: 'Where an approval stands; each is decided once.' });
registerEnumType(TeamMode, {
  name: 'AgentTeamMode',
  description: 'How a team works: one after the other, all at once, or led by the first.',
});
registerEnumType(GuardrailName, { name: 'GuardrailName', description: 'A guardrail.' });
registerEnumType(ToolEffect, { name: 'AgentToolEffect', description: 'READ changes nothing; WRITE and EXTERNAL wait for a person.' });
