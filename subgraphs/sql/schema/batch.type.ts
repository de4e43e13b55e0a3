import { Field, ID, InputType, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { AskQuestionInput } from './question.input';
import { ResultColumn } from './result.type';

@InputType({ description: 'Questions whose answers are wanted together.' })
export class AskQuestionsInput {
  @Field(() => [AskQuestionInput], { description: 'The questions; at most 200.' })
  questions!: AskQuestionInput[];
}

@ObjectType({ description: 'Why a question of a batch has no rows.' })
export class BatchProblem {
  @Field(() => String, { description: 'Code.' })
  code!: string;

  @Field(() => String, { description: 'What was wrong.' })
  message!: string;
}

@ObjectType({ description: 'One answer of a batch of questions.' })
export class BatchAnswer {
  @Field(() => String, { nullable: true, description: 'The statement that answers this question; null where there is none.' })
  sql!: string | null;

  @Field(() => ID, { nullable: true, description: 'The source that it runs on.' })
  sourceId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The executed query; the same for questions that ran as one statement.' })
  queryId!: string | null;

  @Field(() => [ResultColumn], { description: 'Columns in order.' })
  columns!: ResultColumn[];

  @Field(() => Json, { description: 'Rows, each a list of values in the order of the columns.' })
  rows!: unknown;

  @Field(() => Boolean, { description: 'True where more rows exist than were given.' })
  truncated!: boolean;

  @Field(() => Boolean, { description: 'True where the rows were kept from an earlier run on the same data.' })
  cacheHit!: boolean;

  @Field(() => [String], { description: 'What to know about the rows, and what the question left open.' })
  warnings!: string[];

  @Field(() => BatchProblem, { nullable: true, description: 'Why there are no rows; the other questions have theirs.' })
  error!: BatchProblem | null;
}
