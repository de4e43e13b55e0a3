import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { AgentRunStatus, ApprovalStatus } from './enums';

@ObjectType({ description: 'A call of a tool.' })
export class AgentToolCall {
  @Field(() => ID, { description: 'Names the call within its run.' })
  id!: string;

  @Field(() => String, { description: 'The tool.' })
  tool!: string;

  @Field(() => Json, { nullable: true, description: 'Its arguments.' })
  input!: unknown;
}

@ObjectType({ description: 'What a call of a tool led to.' })
export class AgentToolResult {
  @Field(() => ID, { description: 'The call.' })
  callId!: string;

  @Field(() => String, { description: 'The tool.' })
  tool!: string;

  @Field(() => String, { description: 'completed, failed, rejected, or unknown where the call was interrupted and is not repeated.' })
  status!: string;

  @Field(() => Json, { nullable: true, description: 'What it returned, with a summary in words.' })
  output!: unknown;
}

@ObjectType({ description: 'Why a run failed.' })
export class AgentRunError {
  @Field(() => String, { description: 'Code of the catalogue.' })
  code!: string;

  @Field(() => String, { description: 'What was wrong and what would be right.' })
  message!: string;

  @Field(() => Boolean, { description: 'True where trying again may help.' })
  retryable!: boolean;
}

@ObjectType({ description: 'The run of one member of a team.' })
export class AgentTeamMemberRun {
  @Field(() => ID, { description: 'Its run; `agentRun` tells all of it.' })
  runId!: string;

  @Field(() => ID, { nullable: true, description: 'The agent.' })
  agentId!: string | null;

  @Field(() => String, { description: 'The name of the agent when the run began.' })
  agentName!: string;

  @Field(() => AgentRunStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => String, { description: 'What it found; empty until it has ended.' })
  content!: string;

  @Field(() => Int, { description: 'Decisions taken.' })
  iterations!: number;

  @Field(() => Int, { description: 'Tokens of language models used.' })
  tokensUsed!: number;

  @Field(() => Float, { description: 'US dollars for language models, where the price is known.' })
  costUsd!: number;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An agent or a team at work on one message.' })
export class AgentRun {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => AgentRunStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => ID, { nullable: true, description: 'The agent; null for a team.' })
  agentId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The team; null for a single agent.' })
  teamId!: string | null;

  @Field(() => ID, { description: 'The session whose log tells of it.' })
  sessionId!: string;

  @Field(() => ID, { description: 'On whose behalf it acts.' })
  userId!: string;

  @Field(() => String, { description: 'What it was asked.' })
  input!: string;

  @Field(() => String, {
    description: 'The answer. While the run waits: for what a person must agree to. Empty otherwise until it has ended.',
  })
  content!: string;

  @Field(() => String, { description: 'What a model said between its calls.' })
  reasoning!: string;

  @Field(() => [AgentToolCall], { description: 'Calls of tools, in order.' })
  toolCalls!: readonly AgentToolCall[];

  @Field(() => [AgentToolResult], { description: 'What they led to.' })
  toolResults!: readonly AgentToolResult[];

  @Field(() => Boolean, { description: 'True while a step waits for a person.' })
  requiresApproval!: boolean;

  @Field(() => ID, { nullable: true, description: 'The approval that it, or a member of its team, waits for.' })
  approvalId!: string | null;

  @Field(() => AgentRunError, { nullable: true, description: 'Why it failed; null otherwise.' })
  error!: AgentRunError | null;

  @Field(() => ID, { nullable: true, description: 'Of a member of a team: the run of the team.' })
  parentId!: string | null;

  @Field(() => [AgentTeamMemberRun], { description: 'Of a team: the runs of its members, in the order in which they began.' })
  members!: readonly AgentTeamMemberRun[];

  @Field(() => Int, { description: 'Decisions taken; those of all its members where it is a team.' })
  iterations!: number;

  @Field(() => Int, {
    description:
      'Tokens of language models used, those of questions to the data included; of all its members where it is a team. 0 without a model.',
  })
  tokensUsed!: number;

  @Field(() => Float, {
    description: 'US dollars for the decisions of language models, where the price is known; of all its members where it is a team.',
  })
  costUsd!: number;

  @Field(() => Float, { description: 'Milliseconds of work; waiting for a person does not count.' })
  executionTimeMs!: number;

  @Field(() => Date, { description: 'When it was begun.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

export const AgentRunConnection = connectionType(AgentRun, 'AgentRun');

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A step of a run that waits, or waited, for a person.' })
export class Approval {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The run.' })
  runId!: string;

  @Field(() => String, { description: 'The tool that would be called.' })
  tool!: string;

  @Field(() => Json, { description: 'Its arguments, exactly as they would be used.' })
  input!: unknown;

  @Field(() => String, { description: 'Why a person is asked.' })
  reason!: string;

  @Field(() => ApprovalStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => ID, { description: 'On whose behalf the run acts.' })
  requestedBy!: string;

  @Field(() => ID, { nullable: true, description: 'Who decided.' })
  reviewerId!: string | null;

  @Field(() => String, { nullable: true, description: 'What they said.' })
  notes!: string | null;

  @Field(() => Date, { description: 'After this it expires and the run fails.' })
  expiresAt!: Date;

  @Field(() => Date, { description: 'When it was asked.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was decided or expired.' })
  decidedAt!: Date | null;
}

export const ApprovalConnection = connectionType(Approval, 'Approval');

@ObjectType({ description: 'One step of a run or session as it happens.' })
export class AgentEvent {
  @Field(() => ID, { description: 'Unique; the same event read twice has the same.' })
  eventId!: string;

  @Field(() => Int, { description: 'Gapless within what is followed: 1, 2, 3 … Give the last one seen as `after` to go on.' })
  sequence!: number;

  @Field(() => String, {
    description: 'stream_start, status, tool_call, tool_result, text, approval_required, approval_resolved, warning, error or stream_end.',
  })
  type!: string;

  @Field(() => Json, { description: 'What the event says; its keys depend on the type and are in snake_case.' })
  data!: unknown;

  @Field(() => Date, { description: 'When it happened.' })
  timestamp!: Date;

  @Field(() => ID, { nullable: true, description: 'The run.' })
  runId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The agent.' })
  agentId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The session.' })
  sessionId!: string | null;
}

@ObjectType({ description: 'Events of a run that are kept.' })
export class AgentRunEvents {
  @Field(() => [AgentEvent], { description: 'In order.' })
  events!: readonly AgentEvent[];
}
