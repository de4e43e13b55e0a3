import { ArgsType, Field, ID } from 'type-graphql';

import { PageArgs } from '#platform/graphql';

import { MessageRole } from './enums';

@ArgsType()
export class HistoryArgs extends PageArgs {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => MessageRole, { nullable: true, description: 'Only what this side said. Default: both.' })
  role?: string;
}
