import { Field, Float, ID, InputType, Int } from 'type-graphql';

import { Json } from '#platform/graphql';

import { GenerationStrategy, SqlDialect } from './enums';

const filtersDescription =
  'Conditions to add: a list of `{field, operator, values}`. Operators: equals, not_equals, in, not_in, between, greater_than, less_than, contains, is_null, last, this, previous and others.';

@InputType({ description: 'A question for which SQL is wanted.' })
export class GenerateSqlInput {
  @Field(() => String, { description: 'The question in plain language; 1 to 2,000 characters.' })
  question!: string;

  @Field(() => ID, { nullable: true, description: 'The source to ask. Default: the one that answers the question best.' })
  sourceId?: string;

  @Field(() => SqlDialect, { nullable: true, description: "Dialect of the statement. Default: the source's own." })
  dialect?: string;

  @Field(() => Json, {
    nullable: true,
    description: 'Tables that may be used: a list of names, or one text with the names in it. Default: all.',
  })
  schemaContext?: unknown;

  @Field(() => Int, { nullable: true, description: 'Corrections after a failed attempt; 0 to 5. Default 3.' })
  maxRetries?: number;

  @Field(() => Boolean, { nullable: true, description: 'Give the explanation and the interpretation. Default true.' })
  includeExplanation?: boolean;

  @Field(() => ID, { nullable: true, description: 'The chat session that the question belongs to; kept with the query.' })
  sessionId?: string;

  @Field(() => ID, { nullable: true, description: 'The query before, which a follow-up such as "only Europe" edits.' })
  previousQueryId?: string;

  @Field(() => GenerationStrategy, { nullable: true, description: 'Who writes the SQL. Default AUTO.' })
  strategy?: string;

  @Field(() => ID, {
    nullable: true,
    description: 'What the calls of language models count towards, such as the id of a message; at most 200 characters.',
  })
  usageId?: string;
}

@InputType({ description: 'A question whose answer is wanted.' })
export class AskQuestionInput extends GenerateSqlInput {
  @Field(() => Int, { nullable: true, description: 'Seconds that the statement may take; 1 to 300. Default 30.' })
  timeoutSeconds?: number;

  @Field(() => Int, { nullable: true, description: 'Rows to give at most; 1 to 10,000. Default 1,000.' })
  maxRows?: number;

  @Field(() => Json, { nullable: true, description: filtersDescription })
  filters?: unknown;

  @Field(() => Boolean, { nullable: true, description: 'True passes the result cache, and what a model answered before. Default false.' })
  refresh?: boolean;

  @Field(() => Float, {
    nullable: true,
    description: 'Below this confidence the question is not run and only the reading is given. Default 0.',
  })
  minConfidence?: number;
}

@InputType({ description: 'A statement to check without running it.' })
export class ValidateSqlInput {
  @Field(() => String, { description: 'The statement.' })
  sql!: string;

  @Field(() => SqlDialect, { nullable: true, description: "Its dialect. Default: the source's, else DUCKDB." })
  dialect?: string;

  @Field(() => ID, { nullable: true, description: 'The source whose tables it names. Without it the schema stage is left out.' })
  sourceId?: string;
}

@InputType({ description: 'A read-only statement to run.' })
export class ExecuteSqlInput {
  @Field(() => String, { description: 'One read-only statement. Named parameters are written `$name`.' })
  sql!: string;

  @Field(() => ID, { nullable: true, description: 'The source to run on. Default: the only one that has the tables.' })
  sourceId?: string;

  @Field(() => Int, { nullable: true, description: 'Seconds that it may take; 1 to 300. Default 30.' })
  timeoutSeconds?: number;

  @Field(() => Int, { nullable: true, description: 'Rows to give at most; 1 to 10,000. Default 1,000.' })
  maxRows?: number;

  @Field(() => Json, { nullable: true, description: 'Values of the named parameters, as an object.' })
  parameters?: unknown;

  @Field(() => Boolean, { nullable: true, description: 'True passes the result cache. Default false.' })
  refresh?: boolean;

  @Field(() => Json, { nullable: true, description: `${filtersDescription} They apply to the columns of the result.` })
  filters?: unknown;
}

@InputType({ description: 'Rows that are wanted in number.' })
export class ExtractRowsInput {
  @Field(() => String, { description: 'One read-only statement.' })
  sql!: string;

  @Field(() => ID, { description: 'The source to run on.' })
  sourceId!: string;

  @Field(() => Int, { nullable: true, description: 'Rows at most; 1 to 1,000,000. Default 100,000.' })
  maxRows?: number;
}

@InputType({ description: 'A statement to explain.' })
export class ExplainSqlInput {
  @Field(() => String, { description: 'The statement.' })
  sql!: string;

  @Field(() => SqlDialect, { nullable: true, description: "Its dialect. Default: the source's, else DUCKDB." })
  dialect?: string;

  @Field(() => ID, { nullable: true, description: 'The source whose tables it names.' })
  sourceId?: string;
}

@InputType({ description: 'A statement to rewrite for another engine.' })
export class TranspileSqlInput {
  @Field(() => String, { description: 'The statement.' })
  sql!: string;

  @Field(() => SqlDialect, { description: 'Its dialect.' })
  sourceDialect!: string;

  @Field(() => SqlDialect, { description: 'The dialect wanted.' })
  targetDialect!: string;
}

@InputType({ description: 'A running query to stop.' })
export class CancelQueryInput {
  @Field(() => ID, { description: 'The query.' })
  queryId!: string;
}
