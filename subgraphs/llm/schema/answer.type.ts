import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { LlmAttempt, RoutingDecision } from './decision.type';

@ObjectType({ description: 'Tokens of one call.' })
export class LlmTokens {
  @Field(() => Int, { description: 'Tokens read.' })
  prompt!: number;

  @Field(() => Int, { description: 'Tokens written.' })
  completion!: number;

  @Field(() => Int, { description: 'Both.' })
  total!: number;
}

@ObjectType({ description: 'An answer of a model.' })
export class LlmAnswer {
  @Field(() => String, { description: 'The text; empty where the model calls tools.' })
  content!: string;

  @Field(() => Json, { nullable: true, description: "Tool calls, in OpenAI's shape; null where there are none." })
  toolCalls!: unknown;

  @Field(() => String, { description: 'stop, length, tool_calls, content_filter or other.' })
  finishReason!: string;

  @Field(() => String, { description: 'Who answered.' })
  provider!: string;

  @Field(() => String, { description: 'The model that answered.' })
  model!: string;

  @Field(() => LlmTokens, { description: 'What it took.' })
  tokensUsed!: LlmTokens;

  @Field(() => Float, { description: 'From the request to the answer, in milliseconds.' })
  latencyMs!: number;

  @Field(() => Float, { nullable: true, description: 'What it cost, in USD; 0 from the cache, null where no price is known.' })
  costEstimateUsd!: number | null;

  @Field(() => ID, { description: 'The decision behind it.' })
  routingDecisionId!: string;

  @Field(() => [LlmAttempt], { description: 'Every try, the last of which answered.' })
  attempts!: readonly LlmAttempt[];

  @Field(() => Boolean, { description: 'Whether it came from the cache.' })
  cacheHit!: boolean;

  @Field(() => [String], { description: 'A budget that is nearly spent, a text that was cut.' })
  warnings!: readonly string[];

  @Field(() => RoutingDecision, { nullable: true, description: 'The decision behind it, with every candidate.' })
  decision?: RoutingDecision | null;
}
