import { Field, ID, InputType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { SourceKind } from './enums';

@InputType({ description: 'A source to add.' })
export class CreateSourceInput {
  @Field(() => String, { description: 'Name for people; 1 to 200 characters.' })
  name!: string;

  @Field(() => SourceKind, { description: 'The engine that holds the data.' })
  kind!: string;

  @Field(() => Json, {
    description: 'Connection settings: `host`, `port`, `database`, `schema`, `user`, `ssl` … as the engine needs them.',
  })
  connection!: unknown;

  @Field(() => Json, { nullable: true, description: 'Credentials, such as `password`. Write-only: encrypted, never given back.' })
  credentials?: unknown;
}

@InputType({ description: 'Changes to a source. What is absent stays.' })
export class UpdateSourceInput {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => String, { nullable: true, description: 'New name.' })
  name?: string;

  @Field(() => Json, { nullable: true, description: 'New connection settings, whole.' })
  connection?: unknown;

  @Field(() => Json, { nullable: true, description: 'New credentials, whole.' })
  credentials?: unknown;
}

@InputType({ description: 'A source that is meant.' })
export class SourceIdInput {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;
}

@InputType({ description: 'A file whose rows become a source of their own.' })
export class UploadSourceInput {
  @Field(() => String, { description: 'File name; its ending says what it is: .csv, .tsv, .json, .ndjson or .parquet.' })
  filename!: string;

  @Field(() => String, { description: 'The content, base64. REST clients send multipart/form-data instead.' })
  contentBase64!: string;

  @Field(() => String, { nullable: true, description: 'Name for people. Default: the file name.' })
  name?: string;
}

@InputType({ description: 'The semantic model of a source.' })
export class PutSemanticModelInput {
  @Field(() => ID, { description: 'The source.' })
  sourceId!: string;

  @Field(() => Json, { nullable: true, description: 'The model as JSON. Either this or `yaml`.' })
  model?: unknown;

  @Field(() => String, { nullable: true, description: 'The model as YAML; dbt semantic models are understood as well.' })
  yaml?: string;
}

@InputType({ description: 'A question and its SQL, approved.' })
export class CreateVerifiedQueryInput {
  @Field(() => ID, { description: 'The source that the SQL runs on.' })
  sourceId!: string;

  @Field(() => String, { description: 'The question; 1 to 2,000 characters.' })
  question!: string;

  @Field(() => String, { description: 'Its SQL. It must pass validation.' })
  sql!: string;
}

@InputType({ description: 'A verified query that is meant.' })
export class VerifiedQueryIdInput {
  @Field(() => ID, { description: 'The verified query.' })
  verifiedQueryId!: string;
}
