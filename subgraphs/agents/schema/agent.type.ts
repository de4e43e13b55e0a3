import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { AgentRole, AgentType, TeamMode, ToolEffect } from './enums';

@ObjectType({ description: 'What one run of an agent may use at most.' })
export class AgentLimits {
  @Field(() => Int, { description: 'Decisions.' })
  maxIterations!: number;

  @Field(() => Int, { description: 'Seconds of work; waiting for a person does not count.' })
  timeoutSeconds!: number;

  @Field(() => Int, { description: 'Tokens of language models.' })
  maxTokens!: number;

  @Field(() => Float, { description: 'US dollars for language models.' })
  maxCostUsd!: number;
}

@ObjectType({ description: 'An MCP server whose tools an agent may use.' })
export class AgentMcpServer {
  @Field(() => String, { description: "Part of its tools' names." })
  name!: string;

  @Field(() => String, { description: 'Where it answers, over Streamable HTTP.' })
  url!: string;

  @Field(() => String, { description: 'always: each call waits for a person; never: none does.' })
  approval!: string;
}

@ObjectType({ description: 'How an agent works.' })
export class AgentConfiguration {
  @Field(() => String, { description: 'What a language model is told first.' })
  systemPrompt!: string;

  @Field(() => [String], { description: 'Names of its tools; empty means all that only read.' })
  tools!: string[];

  @Field(() => String, { nullable: true, description: 'Provider of its language model. Default: the router decides.' })
  provider!: string | null;

  @Field(() => String, { nullable: true, description: 'Its language model. Default: the router decides.' })
  model!: string | null;

  @Field(() => Float, { nullable: true, description: 'Sampling temperature, 0 to 2.' })
  temperature!: number | null;

  @Field(() => ID, { nullable: true, description: 'The source that it asks. Default: each question finds its own.' })
  sourceId!: string | null;

  @Field(() => AgentLimits, { description: 'What one run may use at most.' })
  limits!: AgentLimits;

  @Field(() => [AgentMcpServer], { description: 'MCP servers whose tools it has too.' })
  mcpServers!: AgentMcpServer[];
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'An agent: built in, or of the tenant.' })
export class Agent {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => AgentType, { description: 'What kind it is.' })
  type!: string;

  @Field(() => AgentRole, { description: 'What it does in a team.' })
  role!: string;

  @Field(() => AgentConfiguration, { description: 'How it works.' })
  config!: AgentConfiguration;

  @Field(() => Int, { description: 'Goes up by one with each change.' })
  version!: number;

  @Field(() => Boolean, { description: 'True for those that every tenant has and nobody can change.' })
  isBuiltIn!: boolean;

  @Field(() => ID, { nullable: true, description: 'Who made it; null for built-in ones.' })
  createdBy!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it was made; null for built-in ones.' })
  createdAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'When it was last changed; null for built-in ones.' })
  updatedAt!: Date | null;
}

export const AgentConnection = connectionType(Agent, 'Agent');

@ObjectType({ description: 'A tool that agents can be given.' })
export class AgentTool {
  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'What it does.' })
  description!: string;

  @Field(() => ToolEffect, { description: 'What it touches.' })
  effect!: string;
}

@ObjectType({ description: 'What there is: ready agents of each type, the tenant’s own, and tools.' })
export class AgentCatalogue {
  @Field(() => [Agent], { description: 'One ready agent of each type, with its configuration.' })
  types!: Agent[];

  @Field(() => [Agent], { description: "The tenant's own agents, newest first; at most 100. `agents` pages through all." })
  agents!: Agent[];

  @Field(() => [AgentTool], { description: 'Tools that agents can be given.' })
  tools!: AgentTool[];
}

@ObjectType({ description: 'An earlier state of an agent.' })
export class AgentVersion {
  @Field(() => Int, { description: 'Its number.' })
  version!: number;

  @Field(() => Json, { description: 'Name, description, type, role and configuration as they were; its keys are in snake_case.' })
  snapshot!: unknown;

  @Field(() => ID, { description: 'Who made it so.' })
  changedBy!: string;

  @Field(() => Date, { description: 'When.' })
  createdAt!: Date;
}

@ObjectType({ description: 'Agents that work together.' })
export class AgentTeam {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => TeamMode, { description: 'How it works.' })
  mode!: string;

  @Field(() => [ID], { description: 'Its members in order; the first leads a hierarchical team.' })
  agentIds!: readonly string[];

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;
}

export const AgentTeamConnection = connectionType(AgentTeam, 'AgentTeam');
