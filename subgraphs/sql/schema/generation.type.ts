import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { AnswerEngine, ExecutionPlan, SqlDialect } from './enums';

@ObjectType({ description: 'Words of the question and the clause of the query that they became.' })
export class Interpretation {
  @Field(() => String, { description: 'Words of the question.' })
  words!: string;

  @Field(() => String, { description: 'What they mean in the query, in plain language.' })
  clause!: string;
}

@ObjectType({ description: 'Another way to read the question.' })
export class AlternativeReading {
  @Field(() => String, { description: 'The SQL of this reading.' })
  sql!: string;

  @Field(() => String, { description: 'What this reading asks, in plain language.' })
  explanation!: string;

  @Field(() => Float, { description: 'Estimated probability that this reading is the one meant, 0 to 1.' })
  confidence!: number;
}

@ObjectType({ description: 'A name of the schema that comes near to words that were not understood.' })
export class NearestNames {
  @Field(() => String, { description: 'Words of the question.' })
  words!: string;

  @Field(() => [String], { description: 'Names that the source has.' })
  names!: string[];
}

@ObjectType({ description: 'The first rows of a reading.' })
export class ReadingPreview {
  @Field(() => [String], { description: 'Headings in order.' })
  columns!: string[];

  @Field(() => Json, { description: 'At most 5 rows, each a list of values in the order of the columns.' })
  rows!: unknown;
}

@ObjectType({ description: 'One of several readings to choose from.' })
export class ClarificationOption {
  @Field(() => String, { description: 'The reading, in plain language.' })
  label!: string;

  @Field(() => String, { description: 'Its SQL.' })
  sql!: string;

  @Field(() => ReadingPreview, {
    nullable: true,
    description: 'What it gives; null where running it to compare would not have been cheap.',
  })
  result?: ReadingPreview | null;
}

@ObjectType({ description: 'Why there is no single answer, and what would lead to one.' })
export class Clarification {
  @Field(() => String, { description: 'What to tell or ask the person.' })
  question!: string;

  @Field(() => [String], { description: 'Words that nothing in the source matches.' })
  notUnderstood!: string[];

  @Field(() => [NearestNames], { description: 'Names of the source that come near to them.' })
  nearest!: NearestNames[];

  @Field(() => [ClarificationOption], { description: 'Rival readings, where the question has several.' })
  options!: ClarificationOption[];
}

@ObjectType({ description: 'One attempt to write SQL that runs.' })
export class GenerationAttempt {
  @Field(() => String, { description: 'The SQL tried.' })
  sql!: string;

  @Field(() => String, { nullable: true, description: 'Why it could not be used; null for the attempt that was.' })
  error!: string | null;
}

@ObjectType({ description: 'SQL for a question, with its reasons. `sql` is null where the source cannot answer: never invented.' })
export class SqlGeneration {
  @Field(() => ID, { nullable: true, description: 'The stored query; null where there is no SQL.' })
  queryId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The source that the question was read against; null where none was found.' })
  sourceId!: string | null;

  @Field(() => String, { nullable: true, description: 'One read-only statement in `dialect`.' })
  sql!: string | null;

  @Field(() => SqlDialect, { description: 'Dialect of the statement.' })
  dialect!: string;

  @Field(() => String, { nullable: true, description: 'What the statement answers, in plain language.' })
  explanation!: string | null;

  @Field(() => Float, { description: 'Estimated probability that the statement is what was asked, 0 to 1.' })
  confidence!: number;

  @Field(() => [String], { description: 'Tables that the statement reads.' })
  schemaTablesUsed!: string[];

  @Field(() => ExecutionPlan, { description: 'How the question is answered.' })
  executionPlan!: string;

  @Field(() => [String], { description: 'What to know before trusting the answer: ties, fan-out, assumptions.' })
  warnings!: string[];

  @Field(() => [Interpretation], { description: 'The question, clause by clause.' })
  interpretation!: Interpretation[];

  @Field(() => [String], { description: 'Words of the question that the statement does not use.' })
  unusedWords!: string[];

  @Field(() => [AlternativeReading], { description: 'Other readings, best first.' })
  alternatives!: AlternativeReading[];

  @Field(() => Clarification, { nullable: true, description: 'What is missing or which readings compete; null where the answer is clear.' })
  clarification!: Clarification | null;

  @Field(() => AnswerEngine, { description: 'Who wrote the statement.' })
  engine!: string;

  @Field(() => [GenerationAttempt], { description: 'Statements tried before this one, with what was wrong with them.' })
  attempts!: GenerationAttempt[];

  @Field(() => String, { nullable: true, description: 'The language model that wrote it; null for the semantic engine.' })
  model!: string | null;

  @Field(() => Int, { description: 'Tokens that a language model used; 0 for the semantic engine.' })
  tokensUsed!: number;

  @Field(() => Json, {
    nullable: true,
    description: 'The typed query tree behind the statement, for follow-ups; null for a statement of a model.',
  })
  tree!: unknown;
}
