import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { LlmCacheSettings } from './config.type';
import { LlmProviderKind, LlmProviderStatus } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'What the model calls of one message, one run or one tenant came to.' })
export class LlmUsage {
  @Field(() => ID, { description: 'Id of the message or run, or tenant:… for the last 30 days of a tenant.' })
  id!: string;

  @Field(() => Int, { description: 'Requests to the router.' })
  requests!: number;

  @Field(() => Float, { description: 'Tokens read by models.' })
  promptTokens!: number;

  @Field(() => Float, { description: 'Tokens written by models.' })
  completionTokens!: number;

  @Field(() => Float, { description: 'Both.' })
  totalTokens!: number;

  @Field(() => Float, { description: 'Cost in USD, by the prices of the day.' })
  costUsd!: number;

  @Field(() => [String], { description: 'Models that were called.' })
  models!: readonly string[];
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A customer of the service.' })
export class Tenant {
  @Field(() => ID, { description: "The tenant's id." })
  id!: string;
}

@ObjectType({ description: 'Calls of one model in a period.' })
export class LlmModelUsage {
  @Field(() => String, { description: 'The provider.' })
  provider!: string;

  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => Int, { description: 'Requests that ended with it.' })
  requests!: number;

  @Field(() => Int, { description: 'Of these, failed or broken off.' })
  failed!: number;

  @Field(() => Int, { description: 'Of these, answered from the cache.' })
  cached!: number;

  @Field(() => Float, { description: 'Tokens read.' })
  promptTokens!: number;

  @Field(() => Float, { description: 'Tokens written.' })
  completionTokens!: number;

  @Field(() => Float, { description: 'Cost in USD.' })
  costUsd!: number;

  @Field(() => Float, { description: 'What the cache saved, in USD.' })
  savedUsd!: number;
}

@ObjectType({ description: 'Calls of one UTC day.' })
export class LlmDailyUsage {
  @Field(() => String, { description: 'YYYY-MM-DD.' })
  day!: string;

  @Field(() => Int, { description: 'Requests.' })
  requests!: number;

  @Field(() => Float, { description: 'Tokens read and written.' })
  tokens!: number;

  @Field(() => Float, { description: 'Cost in USD.' })
  costUsd!: number;
}

@ObjectType({ description: 'How one limit stands.' })
export class LlmBudget {
  @Field(() => String, { description: 'monthly_usd, daily_tokens, user_monthly_usd or user_daily_tokens.' })
  name!: string;

  @Field(() => String, { description: 'usd or tokens.' })
  unit!: string;

  @Field(() => Float, { description: 'The limit.' })
  limit!: number;

  @Field(() => Float, { description: 'Spent in this period.' })
  spent!: number;

  @Field(() => Float, { description: 'Held by calls in progress.' })
  reserved!: number;

  @Field(() => Date, { description: 'When the next period begins.' })
  resetsAt!: Date;

  @Field(() => Boolean, { description: 'Whether 80 % are spent.' })
  isWarning!: boolean;
}

@ObjectType({ description: 'What a tenant used.' })
export class LlmUsageReport {
  @Field(() => Int, { description: 'Days looked back.' })
  periodDays!: number;

  @Field(() => Date, { description: 'Where the period begins.' })
  since!: Date;

  @Field(() => Int, { description: 'Requests to the router.' })
  requests!: number;

  @Field(() => Int, { description: 'Of these, failed or broken off.' })
  failed!: number;

  @Field(() => Int, { description: 'Of these, answered from the cache.' })
  cached!: number;

  @Field(() => Float, { description: 'Tokens read.' })
  promptTokens!: number;

  @Field(() => Float, { description: 'Tokens written.' })
  completionTokens!: number;

  @Field(() => Float, { description: 'Cost in USD.' })
  costUsd!: number;

  @Field(() => Float, { description: 'What the cache saved, in USD.' })
  savedUsd!: number;

  @Field(() => [LlmModelUsage], { description: 'By provider and model, most expensive first.' })
  byModel!: readonly LlmModelUsage[];

  @Field(() => [LlmDailyUsage], { description: 'By UTC day, oldest first.' })
  daily!: readonly LlmDailyUsage[];

  @Field(() => [LlmBudget], { description: 'The limits that hold for the caller.' })
  budgets!: readonly LlmBudget[];
}

@ObjectType({ description: 'Measured attempts at one model.' })
export class LlmModelPerformance {
  @Field(() => String, { description: 'The provider.' })
  provider!: string;

  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => Int, { description: 'Attempts.' })
  attempts!: number;

  @Field(() => Float, { description: 'Share that failed or broke off, 0 to 1.' })
  errorRate!: number;

  @Field(() => Float, { nullable: true, description: 'Median time of an answer, in milliseconds.' })
  latencyP50Ms!: number | null;

  @Field(() => Float, { nullable: true, description: '95th percentile.' })
  latencyP95Ms!: number | null;

  @Field(() => Float, { nullable: true, description: '99th percentile.' })
  latencyP99Ms!: number | null;

  @Field(() => Float, { nullable: true, description: 'Median time to the first token of a stream, in milliseconds.' })
  firstTokenP50Ms!: number | null;

  @Field(() => Float, { nullable: true, description: '95th percentile of it.' })
  firstTokenP95Ms!: number | null;

  @Field(() => Float, { nullable: true, description: 'Tokens written a second.' })
  tokensPerSecond!: number | null;
}

@ObjectType({ description: 'Measured attempts, from the stored calls.' })
export class LlmPerformance {
  @Field(() => Int, { description: 'Minutes looked back.' })
  windowMinutes!: number;

  @Field(() => [LlmModelPerformance], { description: 'By provider and model.' })
  providers!: readonly LlmModelPerformance[];
}

@ObjectType({ description: 'How one model stands.' })
export class LlmProviderHealth {
  @Field(() => String, { description: 'The provider.' })
  provider!: string;

  @Field(() => LlmProviderKind, { description: 'Which API it speaks.' })
  kind!: string;

  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => LlmProviderStatus, { description: 'In a word.' })
  status!: string;

  @Field(() => [String], { description: 'Why it is not healthy.' })
  reasons!: readonly string[];

  @Field(() => String, { description: 'closed, open or half_open.' })
  breaker!: string;

  @Field(() => Float, { description: 'Seconds until it may be called again; 0: now.' })
  retryAfterSeconds!: number;

  @Field(() => Float, { description: 'Share of recent attempts of this process that failed, 0 to 1.' })
  errorRate!: number;

  @Field(() => Float, { nullable: true, description: 'Median time to the first token, as measured by this process.' })
  firstTokenMs!: number | null;

  @Field(() => Int, { description: 'Attempts of the last 15 minutes, over all processes.' })
  recentAttempts!: number;
}

@ObjectType({ description: 'Health of all enabled models.' })
export class LlmHealth {
  @Field(() => LlmProviderStatus, { description: 'healthy where at least one model is; down where all are.' })
  status!: string;

  @Field(() => [LlmProviderHealth], { description: 'Each model.' })
  providers!: LlmProviderHealth[];
}

@ObjectType({ description: 'What the answer cache holds and saves.' })
export class LlmCacheAnalytics {
  @Field(() => LlmCacheSettings, { description: 'Its settings.' })
  settings!: LlmCacheSettings;

  @Field(() => Int, { description: 'Days looked back.' })
  periodDays!: number;

  @Field(() => Int, { description: 'Answers held now.' })
  entries!: number;

  @Field(() => Float, { description: 'Their size.' })
  bytes!: number;

  @Field(() => Int, { description: 'Requests that looked into it.' })
  requests!: number;

  @Field(() => Int, { description: 'Found.' })
  hits!: number;

  @Field(() => Int, { description: 'Found, the same request.' })
  exactHits!: number;

  @Field(() => Int, { description: 'Found, another wording.' })
  semanticHits!: number;

  @Field(() => Int, { description: 'Not found.' })
  misses!: number;

  @Field(() => Float, { description: 'Share that was found, 0 to 1.' })
  hitRate!: number;

  @Field(() => Float, { description: 'USD not spent.' })
  savedUsd!: number;

  @Field(() => Float, { description: 'Tokens not bought.' })
  savedTokens!: number;

  @Field(() => Float, { description: 'Milliseconds not waited.' })
  savedMs!: number;
}

@ObjectType({ description: 'What was dropped from the cache.' })
export class InvalidatedLlmCache {
  @Field(() => Int, { description: 'Answers dropped.' })
  removed!: number;
}
