import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';

import { Rest, type RequestContext } from '#platform/graphql';

import {
  FoundEntity,
  ReindexJob,
  SchemaSearchResults,
  SearchHit,
  SearchResults,
  SearchStats,
  SemanticSearchInput,
} from '../schema/search.type';
import { KnowledgeDocument } from '../schema/document.type';
import { Dashboard, Session, Source } from '../schema/stubs';
import type { KnowledgeService } from '../service/knowledge.service';
import type { MaintenanceService } from '../service/maintenance.service';
import type { SearchService } from '../service/search.service';
import type { SuggestService } from '../service/suggest.service';

import { documentLoader, toDocument } from './document.resolver';
import { toSchemaHit } from './present';

const tags = ['Search'];

@Resolver(() => SearchHit)
export class SearchResolver {
  constructor(
    private readonly search: SearchService,
    private readonly suggestions: SuggestService,
    private readonly maintenance: MaintenanceService,
    private readonly knowledge: KnowledgeService,
  ) {}

  @Rest({ method: 'POST', path: '/search/semantic', tags })
  @Mutation(() => SearchResults, {
    description: 'Finds tables, values, metrics, conversations, dashboards and documents by meaning and words.',
  })
  semanticSearch(
    @Arg('input', () => SemanticSearchInput) input: SemanticSearchInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<SearchResults> {
    return this.search.semantic(caller, input, signal) as unknown as Promise<SearchResults>;
  }

  @Rest({ method: 'GET', path: '/search/schema', tags })
  @Query(() => SchemaSearchResults, { description: 'Finds tables, columns, relationships, metrics and values of the sources.' })
  async searchSchema(
    @Arg('q', () => String, { description: 'Words or a question.' }) q: string,
    @Arg('type', () => String, { nullable: true, description: 'Only table, column, relationship, metric or value.' })
    type: string | undefined,
    @Arg('limit', () => Int, { nullable: true, description: 'How many; 1 to 100. Default 20.' }) limit: number | undefined,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<SchemaSearchResults> {
    const { results } = await this.search.schema(caller, { q, type, limit }, signal);
    return { results: results.map(toSchemaHit) };
  }

  @Rest({ method: 'GET', path: '/search/conversations', tags })
  @Query(() => SearchResults, { description: "Finds the caller's past messages and answers." })
  searchConversations(
    @Arg('q', () => String, { description: 'Words or a question.' }) q: string,
    @Arg('limit', () => Int, { nullable: true, description: 'How many; 1 to 100. Default 20.' }) limit: number | undefined,
    @Arg('from', () => String, { nullable: true, description: 'Not before this time.' }) from: string | undefined,
    @Arg('to', () => String, { nullable: true, description: 'Not after this time.' }) to: string | undefined,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<SearchResults> {
    return this.search.conversations(caller, { q, limit, from, to }, signal) as unknown as Promise<SearchResults>;
  }

  @Rest({ method: 'GET', path: '/search/suggest', tags })
  @Query(() => [String], { description: 'Completes what is being typed, slips included, with names of the sources.' })
  searchSuggest(
    @Arg('q', () => String, { description: 'What has been typed.' }) q: string,
    @Arg('limit', () => Int, { nullable: true, description: 'How many; 1 to 50. Default 10.' }) limit: number | undefined,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<readonly string[]> {
    return this.suggestions.suggest(caller, { q, limit }, signal);
  }

  @Rest({ method: 'POST', path: '/search/reindex', status: 202, tags })
  @Mutation(() => ReindexJob, {
    description: 'Rebuilds the index of the tenant from the databases, in the background. For administrators.',
  })
  reindexSearch(@Ctx() { caller }: RequestContext): Promise<ReindexJob> {
    return this.maintenance.reindex(caller);
  }

  @Rest({ method: 'GET', path: '/search/reindex/:id', tags })
  @Query(() => ReindexJob, { nullable: true, description: 'How far a rebuild is. For administrators.' })
  reindexJob(@Arg('id', () => ID, { description: 'The rebuild.' }) id: string, @Ctx() { caller }: RequestContext): Promise<ReindexJob> {
    return this.maintenance.job(caller, id);
  }

  @Rest({ method: 'GET', path: '/search/stats', tags })
  @Query(() => SearchStats, { description: 'How much is indexed. For administrators.' })
  searchStats(@Ctx() { caller }: RequestContext): Promise<SearchStats> {
    return this.maintenance.stats(caller);
  }

  @FieldResolver(() => FoundEntity, {
    nullable: true,
    description: 'The thing that the hit belongs to; null for a built-in one that has no record.',
  })
  async entity(@Root() { collection, ownerId }: SearchHit, @Ctx() context: RequestContext): Promise<object | null> {
    if (collection === 'knowledge') {
      const document = await documentLoader(this.knowledge, context).load(ownerId);
      return document ? Object.assign(new KnowledgeDocument(), toDocument(document)) : null;
    }
    const Entity = collection === 'conversations' ? Session : collection === 'dashboards' ? Dashboard : Source;
    return Object.assign(new Entity(), { id: ownerId });
  }
}
