import { Field, ID, InputType } from 'type-graphql';

import { SessionStatus } from './enums';

@InputType({ description: 'A conversation to begin.' })
export class CreateSessionInput {
  @Field(() => ID, {
    nullable: true,
    description: 'An id of your own choice; 1 to 100 letters, digits, dots, dashes, colons, underscores. Default: a new one.',
  })
  sessionId?: string;

  @Field(() => String, { nullable: true, description: 'Its name; 1 to 200 characters. Default: the first message.' })
  title?: string;

  @Field(() => ID, { nullable: true, description: 'The source that it asks. Default: each question finds its own.' })
  sourceId?: string;
}

@InputType({ description: 'Changes to a conversation; what is left out stays.' })
export class UpdateSessionInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'A new name; 1 to 200 characters.' })
  title?: string;

  @Field(() => ID, { nullable: true, description: 'Another source; null lets each question find its own.' })
  sourceId?: string | null;

  @Field(() => SessionStatus, { nullable: true, description: 'ACTIVE opens it again, CLOSED and ARCHIVED end it.' })
  status?: string;
}

@InputType({ description: 'A conversation to act on.' })
export class SessionInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;
}

@InputType({ description: 'Where a new conversation branches off.' })
export class BranchSessionInput {
  @Field(() => ID, { description: 'The session to copy from.' })
  sessionId!: string;

  @Field(() => ID, { description: 'The last message to copy.' })
  messageId!: string;

  @Field(() => String, { nullable: true, description: 'Name of the new session. Default: that of the old one.' })
  title?: string;
}
