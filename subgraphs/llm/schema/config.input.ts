import { Field, Float, InputType, Int } from 'type-graphql';

import { LlmCacheMode, LlmProviderKind, LlmStrategy } from './enums';

@InputType({ description: 'What a tenant knows better of a model than the built-in tables.' })
export class LlmModelOverrideInput {
  @Field(() => String, { description: 'The model, as in models.' })
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

@InputType({ description: 'One provider. Fields left out stay as they are for a provider of this name.' })
export class LlmProviderInput {
  @Field(() => String, { description: 'Unique name; up to 64 letters, digits, hyphens and underscores.' })
  name!: string;

  @Field(() => LlmProviderKind, { nullable: true, description: 'Which API it speaks. Default: the kind of the same name.' })
  kind?: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether requests may go there. Default true.' })
  enabled?: boolean;

  @Field(() => Int, { nullable: true, description: 'Smaller comes first in fallback and in ties. Default 100.' })
  priority?: number;

  @Field(() => [String], { nullable: true, description: 'Its models. Default: well-known ones of the kind.' })
  models?: string[];

  @Field(() => String, {
    nullable: true,
    description:
      'Its address, such as https://models.example.com/v1. Private addresses only where the deployment allows them; redirects are not followed.',
  })
  baseUrl?: string | null;

  @Field(() => String, { nullable: true, description: 'AWS region, for Bedrock.' })
  region?: string | null;

  @Field(() => String, { nullable: true, description: 'API version, for Azure.' })
  apiVersion?: string | null;

  @Field(() => Int, { nullable: true, description: 'Requests a minute over all processes; null: no limit.' })
  rateLimitRpm?: number | null;

  @Field(() => Int, { nullable: true, description: 'Longest answer asked of it, in tokens; null: no limit of ours.' })
  maxTokens?: number | null;

  @Field(() => Int, { nullable: true, description: 'Calls at once to one model, per process. Default 64.' })
  maxConcurrent?: number;

  @Field(() => [LlmModelOverrideInput], { nullable: true, description: 'Own prices, ranks and capabilities by model.' })
  overrides?: LlmModelOverrideInput[];

  @Field(() => String, {
    nullable: true,
    description: 'Its key. Stored encrypted, never read back; left out: the stored one stays, unless kind or address change.',
  })
  apiKey?: string;
}

@InputType({ description: 'The answer cache.' })
export class LlmCacheInput {
  @Field(() => LlmCacheMode, { nullable: true, description: 'Default EXACT.' })
  mode?: string;

  @Field(() => Int, { nullable: true, description: 'How long an answer is kept; 1 to 2,592,000 s. Default 3,600.' })
  ttlSeconds?: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Similarity from which another wording counts as the same question; 0.5 to 1. Default 0.95.',
  })
  threshold?: number;

  @Field(() => Float, { nullable: true, description: 'Requests above this temperature are not cached. Default 0.5.' })
  maxTemperature?: number;
}

@InputType({ description: 'Time limits of one attempt.' })
export class LlmTimeoutsInput {
  @Field(() => Int, { nullable: true, description: 'To the first token of a stream; 100 to 600,000 ms. Default 20,000.' })
  firstTokenMs?: number;

  @Field(() => Int, { nullable: true, description: 'Between two tokens; 100 to 600,000 ms. Default 15,000.' })
  idleMs?: number;

  @Field(() => Int, { nullable: true, description: 'In all; 100 to 3,600,000 ms. Default 120,000.' })
  totalMs?: number;
}

@InputType({
  description: 'A change of the configuration. Fields left out stay as they are; providers replaces the whole list; null clears a limit.',
})
export class UpdateLlmConfigInput {
  @Field(() => LlmStrategy, { nullable: true, description: 'Strategy of requests that name none.' })
  defaultStrategy?: string;

  @Field(() => [LlmProviderInput], { nullable: true, description: 'All providers. At least one must stay enabled, or nothing is changed.' })
  providers?: LlmProviderInput[];

  @Field(() => [String], { nullable: true, description: 'provider or provider/model, in the order that fallback tries them.' })
  fallbackChain?: string[];

  @Field(() => Float, { nullable: true, description: 'USD a month for the tenant; null: no limit.' })
  budgetLimitUsd?: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens a UTC day for the tenant; null: no limit.' })
  dailyTokenLimit?: number | null;

  @Field(() => Float, { nullable: true, description: 'USD a month for each user; null: no limit.' })
  userBudgetLimitUsd?: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens a UTC day for each user; null: no limit.' })
  userDailyTokenLimit?: number | null;

  @Field(() => LlmCacheInput, { nullable: true, description: 'The answer cache.' })
  cache?: LlmCacheInput;

  @Field(() => LlmTimeoutsInput, { nullable: true, description: 'Time limits.' })
  timeouts?: LlmTimeoutsInput;

  @Field(() => Int, { nullable: true, description: 'Further tries of one model before its first token; 0 to 5. Default 1.' })
  maxRetries?: number;

  @Field(() => Int, { nullable: true, description: 'Refuse the change where the stored version is another.' })
  expectedVersion?: number;
}
