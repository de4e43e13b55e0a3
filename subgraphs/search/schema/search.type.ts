import { createUnionType, Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';

import { Json } from '#platform/graphql';

import { KnowledgeDocument } from './document.type';
import { SearchMode } from './enums';
import { Dashboard, Session, Source } from './stubs';

@InputType({ description: 'What to look for.' })
export class SemanticSearchInput {
  @Field(() => String, { description: 'Words or a question; 1 to 2,000 characters.' })
  query!: string;

  @Field(() => [String], {
    nullable: true,
    description: 'Where: schema, values, metrics, conversations, dashboards, knowledge. Default: everywhere.',
  })
  collections?: string[];

  @Field(() => Int, { nullable: true, description: 'How many; 1 to 100. Default 10.' })
  topK?: number;

  @Field(() => Int, { nullable: true, description: 'Skip this many; 0 to 1,000. Default 0.' })
  offset?: number;

  @Field(() => Float, { nullable: true, description: 'Leave out what scores less; 0 to 1. Default 0.' })
  minScore?: number;

  @Field(() => SearchMode, { nullable: true, description: 'By meaning, by words, or by both. Default HYBRID.' })
  mode?: string;

  @Field(() => Json, { nullable: true, description: 'Narrows by `kind`, `owner_id` (one or several), `from` and `to` (times).' })
  filters?: unknown;
}

@ObjectType({ description: 'How well something fits, by each half of the search.' })
export class SearchScores {
  @Field(() => Float, { nullable: true, description: 'Cosine similarity of the meaning; null where only the words were found.' })
  vector!: number | null;

  @Field(() => Float, { nullable: true, description: 'BM25 of the words; null where only the meaning was near.' })
  keyword!: number | null;

  @Field(() => Float, { description: 'Both rankings fused; 1 for what leads both.' })
  fused!: number;
}

export const FoundEntity = createUnionType({
  name: 'FoundEntity',
  description: 'The thing that a hit belongs to.',
  types: () => [Source, Session, Dashboard, KnowledgeDocument] as const,
});

@ObjectType({ description: 'Something found.' })
export class SearchHit {
  @Field(() => ID, { description: 'Identifier within its collection.' })
  id!: string;

  @Field(() => String, { description: 'Where it was found.' })
  collection!: string;

  @Field(() => String, { description: 'table, column, relationship, value, metric, message, dashboard or part.' })
  kind!: string;

  @Field(() => String, { description: 'Title.' })
  title!: string;

  @Field(() => String, { description: 'The text found.' })
  content!: string;

  @Field(() => Float, { description: 'Fused score, 0 to 1.' })
  score!: number;

  @Field(() => SearchScores, { description: 'The halves of the score.' })
  scores!: SearchScores;

  @Field(() => [String], { description: 'Pieces of the text with the words in **bold**.' })
  highlights!: string[];

  @Field(() => Json, { description: 'Facts of its kind: table, column, session, document, section, offset, …' })
  metadata!: unknown;

  ownerId!: string;
}

@ObjectType({ description: 'What was found.' })
export class SearchResults {
  @Field(() => [SearchHit], { description: 'Best first.' })
  results!: SearchHit[];

  @Field(() => Int, { description: 'Number of hits before paging.' })
  total!: number;

  @Field(() => SearchMode, {
    description: 'How it was searched: KEYWORD instead of HYBRID where the embedding model could not be reached.',
  })
  mode!: string;

  @Field(() => Float, { description: 'Time it took, milliseconds.' })
  executionTimeMs!: number;
}

@ObjectType({ description: 'A table, column, relationship, metric or value found.' })
export class SchemaHit {
  @Field(() => String, { description: 'table, column, relationship, metric or value.' })
  type!: string;

  @Field(() => String, { description: 'Its name.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'The source that it belongs to.' })
  schema!: string | null;

  @Field(() => String, { description: 'What it is.' })
  description!: string;

  @Field(() => [String], { description: 'Columns, of a table or relationship.' })
  columns!: string[];

  @Field(() => Float, { description: 'How well it fits, 0 to 1.' })
  relevanceScore!: number;
}

@ObjectType({ description: 'Parts of the schema that were found.' })
export class SchemaSearchResults {
  @Field(() => [SchemaHit], { description: 'Best first.' })
  results!: SchemaHit[];
}

@ObjectType({ description: 'How much of one collection is indexed.' })
export class CollectionStats {
  @Field(() => String, { description: 'The collection.' })
  collection!: string;

  @Field(() => Int, { description: 'Number of entries.' })
  entries!: number;

  @Field(() => Boolean, { description: 'Whether nearness is looked up in an index; else every vector is compared, which is exact.' })
  approximate!: boolean;
}

@ObjectType({ description: 'The state of the index of a tenant.' })
export class SearchStats {
  @Field(() => String, { description: 'The embedding model behind the vectors.' })
  model!: string;

  @Field(() => Int, { description: 'Length of its vectors.' })
  dimension!: number;

  @Field(() => String, {
    nullable: true,
    description: 'The model that is being changed to; the present one answers until everything is embedded anew. Null when none is.',
  })
  nextModel!: string | null;

  @Field(() => Float, { description: 'Fraction of the sources, sessions, dashboards and documents that is up to date, 0 to 1.' })
  progress!: number;

  @Field(() => Int, { description: 'How many of them are not.' })
  pending!: number;

  @Field(() => [CollectionStats], { description: 'Collections.' })
  collections!: CollectionStats[];
}

@ObjectType({ description: 'A rebuild of the index under way.' })
export class ReindexJob {
  @Field(() => ID, { description: 'Identifier.' })
  id!: string;

  @Field(() => String, { description: 'queued, running, completed, failed or cancelled.' })
  status!: string;

  @Field(() => Float, { description: 'Fraction done, 0 to 1.' })
  progress!: number;
}
