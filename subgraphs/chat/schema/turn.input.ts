import { Field, ID, InputType, Int } from 'type-graphql';

import { ChatChartType, FeedbackKind } from './enums';

@InputType({ description: 'Something said in a conversation.' })
export class SendMessageInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, {
    description: 'The message; 1 to 10,000 characters. A question, a refinement, a wish about the chart, or a statement in SQL.',
  })
  message!: string;
}

@InputType({ description: 'A turn to start without waiting for it: a message or a refinement.' })
export class StartTurnInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'The message; 1 to 10,000 characters. Give this or `refinement`.' })
  message?: string;

  @Field(() => String, { nullable: true, description: 'An edit of the last query: "only Europe", "by month instead", "top 3".' })
  refinement?: string;
}

@InputType({ description: 'An edit of the last query of a conversation.' })
export class RefineAnswerInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, { description: '"only Europe", "by month instead", "top 3".' })
  refinement!: string;
}

@InputType({ description: 'Another chart for the last result.' })
export class ChangeChartInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ChatChartType, {
    description: 'The type wanted; where the rows cannot carry it the best other is taken and the reason says so.',
  })
  chartType!: string;
}

@InputType({ description: 'A failed or cancelled answer to work on again.' })
export class RetryTurnInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ID, { description: 'The answer that failed.' })
  messageId!: string;
}

@InputType({ description: 'A judgement of an answer.' })
export class GiveFeedbackInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => ID, { description: 'The answer.' })
  messageId!: string;

  @Field(() => FeedbackKind, { description: 'Its kind.' })
  kind!: string;

  @Field(() => Int, { nullable: true, description: '1 to 5; needed for RATING.' })
  rating?: number;

  @Field(() => String, { nullable: true, description: 'The statement that would have been right; needed for CORRECTION.' })
  correctedSql?: string;

  @Field(() => String, { nullable: true, description: 'In your own words; at most 10,000 characters.' })
  comment?: string;
}
