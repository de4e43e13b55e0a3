import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';

import { connectionType, Json } from '#platform/graphql';

import { SourceKind, SourceStatus, VerifiedQueryStatus } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A database or file that questions can be asked of.' })
export class Source {
  @Field(() => ID, { description: 'Identifier; the demo sources are `flights` and `shop`.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => SourceKind, { description: 'The engine that holds the data.' })
  kind!: string;

  @Field(() => SourceStatus, { description: 'Whether it can be asked.' })
  status!: string;

  @Field(() => Boolean, { description: 'True for the demo sources, which cannot be changed.' })
  builtIn!: boolean;

  @Field(() => Int, { description: 'Number of tables.' })
  tableCount!: number;

  @Field(() => String, { nullable: true, description: 'Changes whenever the data does; part of cache keys.' })
  dataVersion!: string | null;

  @Field(() => Json, { nullable: true, description: 'Connection settings without credentials; null for files.' })
  connection!: unknown;

  @Field(() => String, { nullable: true, description: 'Why it cannot be asked; null where it can.' })
  problem!: string | null;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;

  @Field(() => Date, { description: 'When its schema was last read.' })
  refreshedAt!: Date;
}

export const SourceConnection = connectionType(Source, 'Source');

@ObjectType({ description: 'A column of a source.' })
export class SourceColumn {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { description: "The engine's type." })
  declaredType!: string;

  @Field(() => String, { description: 'What the values are: text, integer, number, boolean, date, timestamp, …' })
  type!: string;

  @Field(() => Boolean, { description: 'True where it may be null.' })
  nullable!: boolean;

  @Field(() => Int, { nullable: true, description: 'Number of distinct values, where known.' })
  distinctCount!: number | null;

  @Field(() => Json, { nullable: true, description: 'Smallest value, where known.' })
  min!: unknown;

  @Field(() => Json, { nullable: true, description: 'Largest value, where known.' })
  max!: unknown;

  @Field(() => String, { nullable: true, description: 'Comment of the database.' })
  comment!: string | null;
}

@ObjectType({ description: 'A join between tables.' })
export class SourceForeignKey {
  @Field(() => [String], { description: 'Columns of this table.' })
  columns!: string[];

  @Field(() => String, { description: 'The other table.' })
  table!: string;

  @Field(() => [String], { description: 'Columns of the other table.' })
  targetColumns!: string[];

  @Field(() => String, { description: 'declared by the database, or inferred from names and values.' })
  origin!: string;
}

@ObjectType({ description: 'A table of a source.' })
export class SourceTable {
  @Field(() => String, { description: 'Name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Schema that it lives in; null for the default one.' })
  schema!: string | null;

  @Field(() => Int, { nullable: true, description: 'Number of rows, where known.' })
  rowCount!: number | null;

  @Field(() => [SourceColumn], { description: 'Columns in order.' })
  columns!: SourceColumn[];

  @Field(() => [String], { description: 'Columns of the primary key.' })
  primaryKey!: string[];

  @Field(() => [SourceForeignKey], { description: 'Joins to other tables.' })
  foreignKeys!: SourceForeignKey[];

  @Field(() => String, { nullable: true, description: 'Comment of the database.' })
  comment!: string | null;
}

@ObjectType({ description: 'The tables of a source.' })
export class SourceSchema {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => [SourceTable], { description: 'Tables in order of name.' })
  tables!: SourceTable[];
}

@ObjectType({ description: 'What the tables of a source mean: entities, joins, measures, metrics, synonyms, row policies.' })
export class SemanticModelDocument {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => Json, { description: 'The model.' })
  model!: unknown;

  @Field(() => String, { description: 'The model as YAML.' })
  yaml!: string;

  @Field(() => Boolean, { description: 'True where it was inferred from the schema and nobody has edited it.' })
  inferred!: boolean;
}

@ObjectType({ description: 'A question and the SQL that a person approved for it. Used before any engine.' })
export class VerifiedQuery {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => ID, { description: 'The source that the SQL runs on.' })
  sourceId!: string;

  @Field(() => String, { description: 'The question.' })
  question!: string;

  @Field(() => String, { description: 'Its SQL.' })
  sql!: string;

  @Field(() => VerifiedQueryStatus, { description: 'Candidates, such as corrections from a chat, wait for approval.' })
  status!: string;

  @Field(() => String, { description: 'Who added it.' })
  createdBy!: string;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;
}

export const VerifiedQueryConnection = connectionType(VerifiedQuery, 'VerifiedQuery');

@ObjectType({ description: 'A question that a source can answer.' })
export class QuestionSuggestion {
  @Field(() => String, { description: 'The question.' })
  question!: string;

  @Field(() => ID, { description: 'The source that answers it.' })
  sourceId!: string;

  @Field(() => [String], { description: 'Tables that the answer uses.' })
  tables!: string[];
}

@ObjectType({ description: 'A verified query that was withdrawn.' })
export class RemovedVerifiedQuery {
  @Field(() => ID, { description: 'Its identifier.' })
  id!: string;
}
