import { Field, Float, ID, InputType, Int } from 'type-graphql';

import { Json } from '#platform/graphql';

import { LlmStrategy } from './enums';

@InputType({ description: 'One message of a conversation.' })
export class LlmMessageInput {
  @Field(() => String, { description: 'system, developer, user, assistant or tool.' })
  role!: string;

  @Field(() => String, { nullable: true, description: 'The text. All messages together: below 1,000,000 bytes.' })
  content?: string;

  @Field(() => Json, { nullable: true, description: "Tool calls of an assistant message, in OpenAI's shape." })
  toolCalls?: unknown;

  @Field(() => String, { nullable: true, description: 'Which call a tool message answers.' })
  toolCallId?: string;
}

@InputType({ description: 'A request to whichever model the strategy chooses.' })
export class RouteLlmInput {
  @Field(() => [LlmMessageInput], { description: 'The conversation, oldest first; at least one message.' })
  messages!: LlmMessageInput[];

  @Field(() => LlmStrategy, { nullable: true, description: "How to choose. Default: the configuration's default strategy." })
  strategy?: string;

  @Field(() => Int, { nullable: true, description: 'Longest answer, in tokens; 1 or more.' })
  maxTokens?: number;

  @Field(() => Float, { nullable: true, description: '0 to 2. High values also bypass the cache.' })
  temperature?: number;

  @Field(() => String, { nullable: true, description: 'A model, a provider, or provider/model; auto or nothing: any.' })
  model?: string;

  @Field(() => Json, { nullable: true, description: "Function tools, in OpenAI's shape." })
  tools?: unknown;

  @Field(() => Json, { nullable: true, description: "none, auto, required, or a function, in OpenAI's shape." })
  toolChoice?: unknown;

  @Field(() => Json, { nullable: true, description: "json_object or json_schema, in OpenAI's shape. The answer is checked against it." })
  responseFormat?: unknown;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Accepted for clients that send it; the answer comes whole. For tokens as they come use /v1/chat/completions.',
  })
  stream?: boolean;

  @Field(() => Boolean, { nullable: true, description: 'False: ask a model even where the answer is cached. Default true.' })
  useCache?: boolean;

  @Field(() => [String], {
    nullable: true,
    description: 'Tables and labels that the answer depends on; a cached answer is dropped by them.',
  })
  cacheTags?: string[];

  @Field(() => ID, { nullable: true, description: 'The message or run that this call belongs to: the id of its LlmUsage.' })
  usageId?: string;
}

@InputType({ description: 'Which cached answers to drop; with nothing named, all of the tenant.' })
export class InvalidateLlmCacheInput {
  @Field(() => [String], { nullable: true, description: 'Answers that depend on any of these tables.' })
  tables?: string[];

  @Field(() => [String], { nullable: true, description: 'Answers with any of these labels.' })
  tags?: string[];

  @Field(() => String, { nullable: true, description: 'Only answers of this model.' })
  model?: string;
}
