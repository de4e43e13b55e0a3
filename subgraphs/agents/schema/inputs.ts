import { Field, Float, ID, InputType, Int } from 'type-graphql';

import { Json } from '#platform/graphql';

import { AgentRole, AgentType, GuardrailName, TeamMode } from './enums';

@InputType({ description: 'Settings of one run that differ from those of its agent.' })
export class AgentConfigInput {
  @Field(() => String, { nullable: true, description: 'Provider of the language model.' })
  provider?: string;

  @Field(() => String, { nullable: true, description: 'The language model.' })
  model?: string;

  @Field(() => Float, { nullable: true, description: 'Sampling temperature, 0 to 2.' })
  temperature?: number;

  @Field(() => [String], { nullable: true, description: "Only these of the agent's tools; empty: all of them." })
  toolsEnabled?: string[];

  @Field(() => Int, { nullable: true, description: 'Decisions at most; 1 to 50. Default 10.' })
  maxIterations?: number;

  @Field(() => Int, { nullable: true, description: 'Seconds of work at most; 1 to 3,600. Default 300.' })
  timeoutSeconds?: number;

  @Field(() => Int, { nullable: true, description: "Tokens at most; never above the agent's own limit." })
  maxTokens?: number;

  @Field(() => Float, { nullable: true, description: "US dollars at most; never above the agent's own limit." })
  maxCostUsd?: number;

  @Field(() => ID, { nullable: true, description: 'The source to ask.' })
  sourceId?: string;
}

@InputType({ description: 'A message for an agent.' })
export class ProcessMessageInput {
  @Field(() => ID, {
    description: 'The session whose log tells of the run; any id of yours. 1 to 200 letters, digits, dots, dashes, colons, underscores.',
  })
  sessionId!: string;

  @Field(() => String, { description: 'What to do; 1 to 20,000 characters.' })
  message!: string;

  @Field(() => ID, { nullable: true, description: 'The agent. Default: the built-in assistant.' })
  agentId?: string;

  @Field(() => AgentConfigInput, { nullable: true, description: 'Settings of this run.' })
  agentConfig?: AgentConfigInput;
}

@InputType({ description: 'A run to begin without waiting for it.' })
export class StartAgentRunInput {
  @Field(() => String, { description: 'What to do; 1 to 20,000 characters.' })
  message!: string;

  @Field(() => ID, { nullable: true, description: 'The session whose log tells of the run. Default: your own session with the agent.' })
  sessionId?: string;

  @Field(() => ID, { nullable: true, description: 'The agent. Default: the built-in assistant.' })
  agentId?: string;

  @Field(() => ID, { nullable: true, description: 'The chat message that the run answers.' })
  messageId?: string;

  @Field(() => AgentConfigInput, { nullable: true, description: 'Settings of this run.' })
  agentConfig?: AgentConfigInput;
}

@InputType({ description: 'A run to act on.' })
export class AgentRunInput {
  @Field(() => ID, { description: 'The run.' })
  runId!: string;
}

@InputType({ description: 'What one run of an agent may use at most.' })
export class AgentLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Decisions; 1 to 50. Default 10.' })
  maxIterations?: number;

  @Field(() => Int, { nullable: true, description: 'Seconds of work; 1 to 3,600. Default 300.' })
  timeoutSeconds?: number;

  @Field(() => Int, { nullable: true, description: 'Tokens of language models. Default 100,000.' })
  maxTokens?: number;

  @Field(() => Float, { nullable: true, description: 'US dollars for language models. Default 1.' })
  maxCostUsd?: number;
}

@InputType({ description: 'An MCP server whose tools an agent may use.' })
export class AgentMcpServerInput {
  @Field(() => String, { description: "Part of its tools' names; 1 to 20 small letters, digits, underscores." })
  name!: string;

  @Field(() => String, { description: 'Where it answers, over Streamable HTTP.' })
  url!: string;

  @Field(() => String, { nullable: true, description: 'always: each call waits for a person; never: none does. Default always.' })
  approval?: string;
}

@InputType({ description: 'An agent to make.' })
export class CreateAgentInput {
  @Field(() => String, { description: 'Its name; 1 to 200 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for; at most 2,000 characters.' })
  description?: string;

  @Field(() => AgentType, { nullable: true, description: 'What kind it is. Default CONVERSATIONAL.' })
  type?: string;

  @Field(() => AgentRole, { nullable: true, description: 'What it does in a team. Default ANALYST.' })
  role?: string;

  @Field(() => String, { nullable: true, description: 'What a language model is told first; at most 20,000 characters.' })
  systemPrompt?: string;

  @Field(() => [String], { nullable: true, description: 'Names of its tools. Default: all that only read.' })
  tools?: string[];

  @Field(() => String, { nullable: true, description: 'Provider of its language model. Default: the router decides.' })
  provider?: string;

  @Field(() => String, { nullable: true, description: 'Its language model. Default: the router decides.' })
  model?: string;

  @Field(() => Float, { nullable: true, description: 'Sampling temperature, 0 to 2.' })
  temperature?: number;

  @Field(() => ID, { nullable: true, description: 'The source that it asks. Default: each question finds its own.' })
  sourceId?: string;

  @Field(() => AgentLimitsInput, { nullable: true, description: 'What one run may use at most.' })
  limits?: AgentLimitsInput;

  @Field(() => [AgentMcpServerInput], { nullable: true, description: 'MCP servers whose tools it has too; at most 10.' })
  mcpServers?: AgentMcpServerInput[];
}

@InputType({ description: 'An agent as it shall be; what is left out goes back to its default.' })
export class UpdateAgentInput extends CreateAgentInput {
  @Field(() => ID, { description: 'The agent.' })
  agentId!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'Change only if this is still its version; CONFLICT otherwise. Default: whatever it is.',
  })
  expectedVersion?: number;
}

@InputType({ description: 'An agent to act on.' })
export class AgentInput {
  @Field(() => ID, { description: 'The agent.' })
  agentId!: string;
}

@InputType({ description: 'A decision about a step that waits.' })
export class DecideApprovalInput {
  @Field(() => ID, { description: 'The approval.' })
  id!: string;

  @Field(() => ID, { nullable: true, description: 'Your own user id, for clients that send it; anybody else’s is refused.' })
  reviewerId?: string;

  @Field(() => String, { nullable: true, description: 'Why; kept with the decision, at most 2,000 characters.' })
  notes?: string;
}

@InputType({ description: 'A team to make.' })
export class CreateAgentTeamInput {
  @Field(() => String, { description: 'Its name; 1 to 200 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description?: string;

  @Field(() => TeamMode, { description: 'How it works.' })
  mode!: string;

  @Field(() => [ID], { description: 'Its members in order, at most 10; the first leads a hierarchical team.' })
  agentIds!: string[];
}

@InputType({ description: 'What a run of a team may use at most, all its members together; never more than their own limits add up to.' })
export class AgentTeamLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Decisions; 1 to 500. Default: those of the members together.' })
  maxIterations?: number;

  @Field(() => Int, { nullable: true, description: 'Seconds of work; 1 to 3,600. Default: those of the members together, at most 3,600.' })
  timeoutSeconds?: number;

  @Field(() => Int, { nullable: true, description: 'Tokens of language models. Default: those of the members together.' })
  maxTokens?: number;

  @Field(() => Float, { nullable: true, description: 'US dollars for language models. Default: those of the members together.' })
  maxCostUsd?: number;
}

@InputType({ description: 'A run of a team to begin.' })
export class StartTeamRunInput {
  @Field(() => ID, { description: 'The team.' })
  id!: string;

  @Field(() => String, { description: 'What to do; several tasks are separated by semicolons, new lines or "and then".' })
  message!: string;

  @Field(() => ID, { nullable: true, description: 'The session whose log tells of the run. Default: your own session with the team.' })
  sessionId?: string;

  @Field(() => AgentTeamLimitsInput, { nullable: true, description: 'What the members may use together.' })
  limits?: AgentTeamLimitsInput;
}

@InputType({ description: 'Changes to a guardrail; what is left out stays.' })
export class UpdateGuardrailInput {
  @Field(() => GuardrailName, { description: 'Which.' })
  name!: string;

  @Field(() => Boolean, { nullable: true, description: 'On or off.' })
  enabled?: boolean;

  @Field(() => Json, { nullable: true, description: 'Settings to change; the keys depend on the guardrail.' })
  thresholds?: unknown;
}

@InputType({ description: 'Memory to delete: one entry, those of a session, or all of yours.' })
export class DeleteAgentMemoryInput {
  @Field(() => ID, { nullable: true, description: 'Only this entry.' })
  memoryId?: string;

  @Field(() => ID, { nullable: true, description: 'Only what belongs to this session.' })
  sessionId?: string;
}
