import { Field, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { GuardrailName } from './enums';

@ObjectType({ description: 'A rule that watches over input, actions and output of agents.' })
export class Guardrail {
  @Field(() => GuardrailName, { description: 'Which.' })
  name!: string;

  @Field(() => String, { description: 'What it watches over.' })
  description!: string;

  @Field(() => Boolean, { description: 'Whether it is on for this tenant.' })
  enabled!: boolean;

  @Field(() => Json, { description: 'Its settings; the keys depend on the guardrail.' })
  thresholds!: unknown;
}

@ObjectType({ description: 'The guardrails of a tenant.' })
export class GuardrailList {
  @Field(() => [Guardrail], { description: 'All seven.' })
  guardrails!: readonly Guardrail[];
}

@ObjectType({ description: 'Something that agents keep about a person or a session.' })
export class AgentMemory {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { nullable: true, description: 'The session that it belongs to; null for what holds in all.' })
  sessionId!: string | null;

  @Field(() => String, { description: 'What is kept.' })
  content!: string;

  @Field(() => ID, { nullable: true, description: 'The run that kept it.' })
  runId!: string | null;

  @Field(() => Date, { description: 'Since when.' })
  createdAt!: Date;
}

export const AgentMemoryConnection = connectionType(AgentMemory, 'AgentMemory');

@ObjectType({ description: 'The outcome of deleting memory.' })
export class ForgottenMemory {
  @Field(() => Int, { description: 'Entries deleted.' })
  deleted!: number;
}
