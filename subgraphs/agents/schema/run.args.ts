import { ArgsType, Field, ID, Int } from 'type-graphql';

import { PageArgs } from '#platform/graphql';

import { AgentRunStatus } from './enums';

@ArgsType()
export class AgentRunsArgs extends PageArgs {
  @Field(() => ID, { nullable: true, description: 'Only those of a session.' })
  sessionId?: string;

  @Field(() => AgentRunStatus, { nullable: true, description: 'Only those in this state.' })
  status?: string;
}

@ArgsType()
export class AgentRunEventsArgs {
  @Field(() => ID, { description: 'The run.' })
  runId!: string;

  @Field(() => Int, { nullable: true, description: 'The last sequence already seen. Default 0.' })
  after?: number;

  @Field(() => Int, { nullable: true, description: 'How many at most; 1 to 1,000. Default 100.' })
  limit?: number;
}

@ArgsType()
export class AgentEventsArgs {
  @Field(() => ID, { nullable: true, description: 'The session.' })
  sessionId?: string;

  @Field(() => ID, { nullable: true, description: 'The agent; your own session with it.' })
  agentId?: string;

  @Field(() => ID, { nullable: true, description: 'A single run.' })
  runId?: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The last sequence already seen. Default 0: everything that is kept; -1: only what comes from now on.',
  })
  after?: number;
}
