import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

import { connectionType } from '#platform/graphql';

import { ChatAnswer } from './answer.type';
import { ChatIntent, FeedbackKind, MessageRole, MessageStatus } from './enums';

@ObjectType({ description: 'Why a turn has no answer.' })
export class ChatTurnError {
  @Field(() => String, { description: 'Code of the catalogue.' })
  code!: string;

  @Field(() => String, { description: 'What was wrong and what would be right.' })
  message!: string;

  @Field(() => Boolean, { description: 'True where trying again may help.' })
  retryable!: boolean;
}

@Directive('@key(fields: "id")')
@ObjectType({ description: 'One message of a conversation.' })
export class Message {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The session that it belongs to.' })
  sessionId!: string;

  @Field(() => Int, { description: 'Its place in the session; later messages have higher numbers.' })
  ordinal!: number;

  @Field(() => MessageRole, { description: 'Who said it.' })
  role!: string;

  @Field(() => MessageStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => String, { description: 'What was said; empty while an answer is being worked on.' })
  content!: string;

  @Field(() => ChatIntent, { nullable: true, description: 'What the message before it wanted; answers only.' })
  intent!: string | null;

  @Field(() => ID, { nullable: true, description: 'The turn that the message belongs to.' })
  runId!: string | null;

  @Field(() => ChatAnswer, { nullable: true, description: 'Everything that the answer consists of; null for questions and failed turns.' })
  answer!: ChatAnswer | null;

  @Field(() => ChatTurnError, { nullable: true, description: 'Why there is no answer; null where there is one.' })
  error!: ChatTurnError | null;

  @Field(() => Date, { description: 'When it was stored.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the answer was complete.' })
  completedAt!: Date | null;
}

export const MessageConnection = connectionType(Message, 'Message');

@ObjectType({ description: 'A judgement of an answer.' })
export class ChatFeedback {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The answer that it is about.' })
  messageId!: string;

  @Field(() => FeedbackKind, { description: 'Its kind.' })
  kind!: string;

  @Field(() => Int, { nullable: true, description: '1 to 5.' })
  rating!: number | null;

  @Field(() => String, { nullable: true, description: 'The statement that would have been right; becomes a candidate verified query.' })
  correctedSql!: string | null;

  @Field(() => String, { nullable: true, description: 'In their own words.' })
  comment!: string | null;

  @Field(() => Date, { description: 'When it was given.' })
  createdAt!: Date;
}
