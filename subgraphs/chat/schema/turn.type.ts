import { Field, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { ChatAnswer } from './answer.type';

@ObjectType({ description: 'A finished turn: the answer, and where it is stored.' })
export class ChatTurn extends ChatAnswer {
  @Field(() => ID, { description: 'The stored answer.' })
  messageId!: string;

  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ID, { nullable: true, description: 'The turn, as its events name it.' })
  runId!: string | null;
}

@ObjectType({ description: 'A turn that has been accepted: its question is stored, its answer follows as events.' })
export class StartedTurn {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ID, { description: 'The turn, as its events name it.' })
  runId!: string;

  @Field(() => ID, { description: 'The answer that is being worked on.' })
  messageId!: string;

  @Field(() => Int, { description: 'Give this as `after` to get every event of the turn.' })
  afterSequence!: number;
}

@ObjectType({ description: 'The outcome of asking a turn to stop.' })
export class CancelledTurn {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => Boolean, { description: 'True where a turn was running and has been asked to stop.' })
  cancelled!: boolean;
}

@ObjectType({ description: 'The outcome of taking the last exchange back.' })
export class UndoneTurn {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => Int, { description: 'Messages taken back; 0 where there was nothing left.' })
  undone!: number;
}

@ObjectType({ description: 'Follow-up questions.' })
export class ChatSuggestions {
  @Field(() => [String], { description: 'Questions that this session can ask next.' })
  suggestions!: string[];
}

@ObjectType({ description: 'One step of a conversation as it happens.' })
export class ChatEvent {
  @Field(() => ID, { description: 'Unique; the same event read twice has the same.' })
  eventId!: string;

  @Field(() => Int, { description: 'Gapless within the session: 1, 2, 3 … Give the last one seen as `after` to go on.' })
  sequence!: number;

  @Field(() => String, {
    description:
      'stream_start, status, step_start, step_complete, text, sql, data, visualization, insight, suggestions, citation, warning, error or stream_end.',
  })
  type!: string;

  @Field(() => Json, { description: 'What the event says; its keys depend on the type and are in snake_case.' })
  data!: unknown;

  @Field(() => Date, { description: 'When it happened.' })
  timestamp!: Date;

  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ID, { nullable: true, description: 'The turn.' })
  runId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The answer that is being worked on.' })
  messageId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The request that started the turn.' })
  requestId!: string | null;
}
