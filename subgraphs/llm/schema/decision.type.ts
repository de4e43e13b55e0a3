import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { LlmAttemptOutcome, LlmDecisionStatus, LlmFailureReason, LlmStrategy } from './enums';

@ObjectType({ description: 'One try at one model.' })
export class LlmAttempt {
  @Field(() => String, { description: 'The provider.' })
  provider!: string;

  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => LlmAttemptOutcome, { description: 'How it ended.' })
  outcome!: string;

  @Field(() => LlmFailureReason, { nullable: true, description: 'Why it failed.' })
  reason!: string | null;

  @Field(() => Float, { description: 'How long it took, in milliseconds.' })
  latencyMs!: number;

  @Field(() => Int, { nullable: true, description: "The provider's HTTP status, where it was a refusal." })
  status!: number | null;
}

@ObjectType({ description: 'One model that was weighed for a request.' })
export class RoutingCandidate {
  @Field(() => String, { description: 'The provider.' })
  provider!: string;

  @Field(() => String, { description: 'The model.' })
  model!: string;

  @Field(() => Boolean, { description: 'Whether it could take the request.' })
  eligible!: boolean;

  @Field(() => Float, { description: '0 to 1 by the strategy; 0 where it could not take the request.' })
  score!: number;

  @Field(() => Int, { nullable: true, description: 'Its place; 1 is tried first. Null: not tried.' })
  rank!: number | null;

  @Field(() => [String], { description: 'Why it stands where it stands.' })
  reasons!: readonly string[];

  @Field(() => Json, { description: 'What was known of it: price, measured latency, quality, health, capability, remaining rate.' })
  facts!: unknown;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'How the model of a request was chosen.' })
export class RoutingDecision {
  @Field(() => ID, { description: 'rd-…' })
  id!: string;

  @Field(() => LlmStrategy, { description: 'The strategy.' })
  strategy!: string;

  @Field(() => String, { nullable: true, description: 'Who answered; null where nobody did.' })
  provider!: string | null;

  @Field(() => String, { nullable: true, description: 'The model that answered.' })
  model!: string | null;

  @Field(() => LlmDecisionStatus, { description: 'How the request ended.' })
  status!: string;

  @Field(() => Json, { description: 'What the request asked for: sizes, tools, JSON, streaming. No text of it is kept.' })
  request!: unknown;

  @Field(() => [RoutingCandidate], { description: 'Every model that was weighed, the first choice first.' })
  candidates!: RoutingCandidate[];

  @Field(() => [LlmAttempt], { description: 'The tries, in order.' })
  attempts!: readonly LlmAttempt[];

  @Field(() => Date, { description: 'When.' })
  createdAt!: Date;
}

@ObjectType({ description: 'A stored decision, weighed again from its stored facts. No model is called.' })
export class RoutingReplay {
  @Field(() => RoutingDecision, { description: 'The decision as it was.' })
  decision!: RoutingDecision;

  @Field(() => LlmStrategy, { description: 'The strategy of the replay.' })
  strategy!: string;

  @Field(() => [RoutingCandidate], { description: 'The candidates as this strategy ranks them.' })
  candidates!: RoutingCandidate[];

  @Field(() => Boolean, { description: 'Whether order and scores are those of the stored decision.' })
  isSame!: boolean;
}

export const RoutingDecisionConnection = connectionType(RoutingDecision, 'RoutingDecision');
