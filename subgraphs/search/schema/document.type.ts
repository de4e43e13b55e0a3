import { Directive, Field, ID, InputType, Int, ObjectType } from 'type-graphql';

import { connectionType } from '#platform/graphql';

import { DocumentFormat, DocumentStatus } from './enums';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A document that is searched and cited.' })
export class KnowledgeDocument {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'Title.' })
  title!: string;

  @Field(() => DocumentFormat, { description: 'What it was written in.' })
  format!: string;

  @Field(() => [String], { description: 'Tags.' })
  tags!: string[];

  @Field(() => DocumentStatus, { description: 'Whether it can be found yet.' })
  status!: string;

  @Field(() => String, { nullable: true, description: 'Why it cannot be found, where indexing failed; a reindex tries again.' })
  problem!: string | null;

  @Field(() => Int, { description: 'Number of parts it was split into.' })
  partCount!: number;

  @Field(() => String, { description: 'Who added it.' })
  createdBy!: string;

  @Field(() => Date, { description: 'When it was added.' })
  createdAt!: Date;
}

export const KnowledgeDocumentConnection = connectionType(KnowledgeDocument, 'KnowledgeDocument');

@InputType({
  description: 'A document to learn: either `content`, or a file by `filename` and `contentBase64` (REST: multipart/form-data).',
})
export class AddDocumentInput {
  @Field(() => String, { nullable: true, description: 'Title; the file name by default.' })
  title?: string;

  @Field(() => String, { nullable: true, description: 'Text, Markdown or HTML.' })
  content?: string;

  @Field(() => DocumentFormat, { nullable: true, description: 'What the content is. Default MARKDOWN, or by the ending of the file.' })
  format?: string;

  @Field(() => String, { nullable: true, description: 'Name of the file: .txt, .md, .html, .pdf or .docx.' })
  filename?: string;

  @Field(() => String, { nullable: true, description: 'Content of the file, base64.' })
  contentBase64?: string;

  @Field(() => [String], { nullable: true, description: 'Tags; at most 30.' })
  tags?: string[];
}

@InputType({ description: 'A document that is meant.' })
export class DocumentIdInput {
  @Field(() => ID, { description: 'The document.' })
  documentId!: string;
}
