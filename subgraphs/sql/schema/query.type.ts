import { Directive, Field, Float, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { AnswerEngine, QueryStatus, SqlDialect } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A query that was generated or executed: its question, statement and outcome.' })
export class SqlQuery {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The source that it runs on.' })
  sourceId!: string;

  @Field(() => String, { nullable: true, description: 'The question behind it; null for SQL that a person wrote.' })
  question!: string | null;

  @Field(() => String, { description: 'The statement.' })
  sql!: string;

  @Field(() => SqlDialect, { description: 'Its dialect.' })
  dialect!: string;

  @Field(() => Json, { nullable: true, description: 'The typed query tree; null for SQL that a person or a model wrote.' })
  plan!: unknown;

  @Field(() => AnswerEngine, { nullable: true, description: 'Who wrote it; null for SQL that a person wrote.' })
  engine!: string | null;

  @Field(() => Float, { nullable: true, description: 'Estimated probability that it is what was asked.' })
  confidence!: number | null;

  @Field(() => QueryStatus, { description: 'Where it stands.' })
  status!: string;

  @Field(() => Int, { nullable: true, description: 'Rows of its last run.' })
  rowCount!: number | null;

  @Field(() => Float, { nullable: true, description: 'Milliseconds of its last run.' })
  executionTimeMs!: number | null;

  @Field(() => String, { nullable: true, description: 'Code of the failure of its last run.' })
  errorCode!: string | null;

  @Field(() => String, { description: 'Who asked.' })
  userId!: string;

  @Field(() => Date, { description: 'When it was asked.' })
  createdAt!: Date;
}

export const SqlQueryConnection = connectionType(SqlQuery, 'SqlQuery');

@ObjectType({ description: 'The outcome of a cancellation.' })
export class CancelledQuery {
  @Field(() => ID, { description: 'The query.' })
  queryId!: string;

  @Field(() => Boolean, { description: 'True where it was running and has been stopped; false where it had ended.' })
  cancelled!: boolean;
}
