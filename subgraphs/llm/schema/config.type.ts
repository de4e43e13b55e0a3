import { Field, Float, Int, ObjectType } from 'type-graphql';

import { LlmCacheMode, LlmProviderKind, LlmStrategy } from './enums';

@ObjectType({ description: 'What a tenant knows better of a model than the built-in tables.' })
export class LlmModelOverride {
  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => Float, { nullable: true, description: 'USD per million tokens read.' })
  inputUsdPerMillion?: number;

  @Field(() => Float, { nullable: true, description: 'USD per million tokens written.' })
  outputUsdPerMillion?: number;

  @Field(() => Float, { nullable: true, description: 'Quality rank, 0 to 100.' })
  quality?: number;

  @Field(() => Int, { nullable: true, description: 'Size of its context, in tokens.' })
  contextTokens?: number;

  @Field(() => Boolean, { nullable: true, description: 'Whether it can call tools.' })
  tools?: boolean;

  @Field(() => Boolean, { nullable: true, description: 'Whether it can be held to JSON.' })
  json?: boolean;
}

@ObjectType({ description: 'One configured provider.' })
export class LlmProvider {
  @Field(() => String, { description: 'Unique name.' })
  name!: string;

  @Field(() => LlmProviderKind, { description: 'Which API it speaks.' })
  kind!: string;

  @Field(() => Boolean, { description: 'Whether requests may go there.' })
  enabled!: boolean;

  @Field(() => Int, { description: 'Smaller comes first in fallback and in ties.' })
  priority!: number;

  @Field(() => [String], { description: 'Its models.' })
  models!: readonly string[];

  @Field(() => String, { nullable: true, description: "Its address; null: the kind's own, or the operator's." })
  baseUrl!: string | null;

  @Field(() => String, { nullable: true, description: 'AWS region, for Bedrock.' })
  region!: string | null;

  @Field(() => String, { nullable: true, description: 'API version, for Azure.' })
  apiVersion!: string | null;

  @Field(() => Int, { nullable: true, description: 'Requests a minute over all processes; null: no limit.' })
  rateLimitRpm!: number | null;

  @Field(() => Int, { nullable: true, description: 'Longest answer asked of it, in tokens.' })
  maxTokens!: number | null;

  @Field(() => Int, { description: 'Calls at once to one model, per process.' })
  maxConcurrent!: number;

  @Field(() => [LlmModelOverride], { description: 'Own prices, ranks and capabilities by model.' })
  overrides!: readonly LlmModelOverride[];

  @Field(() => Boolean, { description: 'Whether a key is stored. The key itself is never given.' })
  hasKey!: boolean;

  @Field(() => Boolean, { description: "Whether the operator provides it for all tenants; its address and key are then the operator's." })
  isShared!: boolean;
}

@ObjectType({ description: 'The answer cache.' })
export class LlmCacheSettings {
  @Field(() => LlmCacheMode, { description: 'What counts as the same request.' })
  mode!: string;

  @Field(() => Int, { description: 'How long an answer is kept, in seconds.' })
  ttlSeconds!: number;

  @Field(() => Float, { description: 'Similarity from which another wording counts as the same question.' })
  threshold!: number;

  @Field(() => Float, { description: 'Requests above this temperature are not cached.' })
  maxTemperature!: number;
}

@ObjectType({ description: 'Time limits of one attempt, in milliseconds.' })
export class LlmTimeouts {
  @Field(() => Int, { description: 'To the first token of a stream.' })
  firstTokenMs!: number;

  @Field(() => Int, { description: 'Between two tokens.' })
  idleMs!: number;

  @Field(() => Int, { description: 'In all.' })
  totalMs!: number;
}

@ObjectType({ description: "A tenant's model configuration." })
export class LlmConfig {
  @Field(() => Int, { description: 'Counts the changes; 0: nothing was ever changed.' })
  version!: number;

  @Field(() => LlmStrategy, { description: 'Strategy of requests that name none.' })
  defaultStrategy!: string;

  @Field(() => [LlmProvider], { description: 'All providers, disabled ones too.' })
  providers!: LlmProvider[];

  @Field(() => [String], { description: 'provider or provider/model, in the order that fallback tries them.' })
  fallbackChain!: readonly string[];

  @Field(() => Float, { nullable: true, description: 'USD a month for the tenant; null: no limit.' })
  budgetLimitUsd!: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens a UTC day for the tenant; null: no limit.' })
  dailyTokenLimit!: number | null;

  @Field(() => Float, { nullable: true, description: 'USD a month for each user; null: no limit.' })
  userBudgetLimitUsd!: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens a UTC day for each user; null: no limit.' })
  userDailyTokenLimit!: number | null;

  @Field(() => LlmCacheSettings, { description: 'The answer cache.' })
  cache!: LlmCacheSettings;

  @Field(() => LlmTimeouts, { description: 'Time limits.' })
  timeouts!: LlmTimeouts;

  @Field(() => Int, { description: 'Further tries of one model before its first token.' })
  maxRetries!: number;

  @Field(() => Date, { nullable: true, description: 'When it was last changed; null: never.' })
  updatedAt!: Date | null;
}
