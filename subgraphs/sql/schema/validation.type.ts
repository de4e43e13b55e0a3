import { Field, Int, ObjectType } from 'type-graphql';

import { QueryComplexity, SqlDialect, ValidationErrorType, ValidationWarningType } from './enums';

@ObjectType({ description: 'Why a statement cannot run.' })
export class ValidationError {
  @Field(() => ValidationErrorType, { description: 'Kind of error.' })
  type!: string;

  @Field(() => String, { description: 'What is wrong.' })
  message!: string;

  @Field(() => Int, { nullable: true, description: 'Line, from 1.' })
  line!: number | null;

  @Field(() => Int, { nullable: true, description: 'Column, from 1.' })
  column!: number | null;

  @Field(() => String, { nullable: true, description: 'What would be right.' })
  suggestion!: string | null;
}

@ObjectType({ description: 'What is doubtful about a statement that can run.' })
export class ValidationWarning {
  @Field(() => ValidationWarningType, { description: 'Kind of warning.' })
  type!: string;

  @Field(() => String, { description: 'What to look at.' })
  message!: string;
}

@ObjectType({ description: 'The outcome of the four stages: security, syntax, tree, schema. Nothing has run.' })
export class SqlValidation {
  @Field(() => Boolean, { description: 'True where the statement may run.' })
  valid!: boolean;

  @Field(() => [ValidationError], { description: 'Why not, in the order of the stages.' })
  errors!: ValidationError[];

  @Field(() => [ValidationWarning], { description: 'Doubts that do not stop it.' })
  warnings!: ValidationWarning[];

  @Field(() => [String], { description: 'Tables that it reads.' })
  tablesReferenced!: string[];

  @Field(() => [String], { description: 'Columns that it reads, as table.column.' })
  columnsReferenced!: string[];

  @Field(() => QueryComplexity, { description: 'How much work it is.' })
  estimatedComplexity!: string;

  @Field(() => String, { nullable: true, description: 'The statement as it would run; null where it does not parse.' })
  normalizedSql!: string | null;
}

@ObjectType({ description: 'A clause of a statement, in plain language.' })
export class ExplainedClause {
  @Field(() => String, { description: 'The clause: select, from, where, group by, …' })
  clause!: string;

  @Field(() => String, { description: 'What it does.' })
  meaning!: string;
}

@ObjectType({ description: 'A statement in plain language.' })
export class SqlExplanation {
  @Field(() => String, { description: 'The whole statement in a sentence or two.' })
  explanation!: string;

  @Field(() => [ExplainedClause], { description: 'Clause by clause.' })
  clauses!: ExplainedClause[];
}

@ObjectType({ description: 'A statement written for another engine. A preview: it is never executed as it stands.' })
export class SqlTranspilation {
  @Field(() => String, { nullable: true, description: 'The statement in the target dialect; null where it cannot be rewritten safely.' })
  sql!: string | null;

  @Field(() => SqlDialect, { description: 'The target dialect.' })
  dialect!: string;

  @Field(() => [String], { description: 'What may differ on the target engine.' })
  warnings!: string[];
}
