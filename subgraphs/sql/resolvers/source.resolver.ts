import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import { CreateSourceInput, PutSemanticModelInput, SourceIdInput, UpdateSourceInput, UploadSourceInput } from '../schema/source.input';
import { SemanticModelDocument, Source, SourceConnection, SourceSchema } from '../schema/source.type';
import type { SemanticModelService } from '../service/semantic-model.service';
import type { SourceService } from '../service/source.service';

import { toSource, toTables } from './present';

const tags = ['Sources'];

@Resolver(() => Source)
export class SourceResolver {
  constructor(
    private readonly service: SourceService,
    private readonly models: SemanticModelService,
  ) {}

  @Rest({ method: 'GET', path: '/sql/sources/:id', tags, depth: 1 })
  @Query(() => Source, { nullable: true, description: 'One source.' })
  async source(@Arg('id', () => ID, { description: 'The source.' }) id: string, @Ctx() { caller }: RequestContext): Promise<Source> {
    return toSource(await this.service.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/sql/sources', tags, depth: 2 })
  @Query(() => SourceConnection, { description: 'Sources that the caller can ask: built-in ones first, then those of the tenant.' })
  async sources(@Args(() => PageArgs) page: PageArgs, @Ctx() { caller }: RequestContext): Promise<Connection<Source>> {
    const found = await this.service.list(caller, page);
    return { ...found, nodes: found.nodes.map(toSource), edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toSource(node) })) };
  }

  @Rest({ method: 'GET', path: '/sql/sources/:source_id/schema', tags, depth: 4 })
  @Query(() => SourceSchema, { nullable: true, description: 'Tables, columns and joins of a source.' })
  async sourceSchema(
    @Arg('sourceId', () => ID, { description: 'The source.' }) sourceId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<SourceSchema> {
    const { id, catalog } = await this.service.find(caller, sourceId);
    return { sourceId: id, tables: toTables(catalog) };
  }

  @Rest({ method: 'POST', path: '/sql/sources', status: 201, tags })
  @Mutation(() => Source, { description: 'Adds a source: connects, reads its schema, drafts its semantic model.' })
  async createSource(
    @Arg('input', () => CreateSourceInput) input: CreateSourceInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<Source> {
    return toSource(await this.service.create(caller, input, signal));
  }

  @Rest({ method: 'POST', path: '/sql/sources/upload', status: 201, tags })
  @Mutation(() => Source, { description: 'Adds a source from a CSV, TSV, JSON or Parquet file.' })
  async uploadSource(
    @Arg('input', () => UploadSourceInput) input: UploadSourceInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<Source> {
    return toSource(await this.service.upload(caller, input, signal));
  }

  @Rest({ method: 'PUT', path: '/sql/sources/:source_id', tags })
  @Mutation(() => Source, { description: 'Changes a source and reads its schema again.' })
  async updateSource(
    @Arg('input', () => UpdateSourceInput) input: UpdateSourceInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<Source> {
    return toSource(await this.service.update(caller, input, signal));
  }

  @Rest({ method: 'DELETE', path: '/sql/sources/:source_id', tags })
  @Mutation(() => Source, { description: 'Removes a source with its model and verified queries. The data itself is not touched.' })
  async deleteSource(@Arg('input', () => SourceIdInput) { sourceId }: SourceIdInput, @Ctx() { caller }: RequestContext): Promise<Source> {
    return toSource(await this.service.remove(caller, sourceId));
  }

  @Rest({ method: 'POST', path: '/sql/sources/:source_id/refresh', tags })
  @Mutation(() => Source, { description: 'Reads the schema and statistics of a source again.' })
  async refreshSource(
    @Arg('input', () => SourceIdInput) { sourceId }: SourceIdInput,
    @Ctx() { caller, signal }: RequestContext,
  ): Promise<Source> {
    return toSource(await this.service.refresh(caller, sourceId, signal));
  }

  @Rest({ method: 'GET', path: '/sql/models/:source_id', tags, depth: 1 })
  @Query(() => SemanticModelDocument, { nullable: true, description: 'The semantic model of a source.' })
  semanticModel(
    @Arg('sourceId', () => ID, { description: 'The source.' }) sourceId: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<SemanticModelDocument> {
    return this.models.get(caller, sourceId);
  }

  @Rest({ method: 'PUT', path: '/sql/models/:source_id', tags })
  @Mutation(() => SemanticModelDocument, {
    description: 'Replaces the semantic model of a source. It is checked against the schema first.',
  })
  putSemanticModel(
    @Arg('input', () => PutSemanticModelInput) input: PutSemanticModelInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SemanticModelDocument> {
    return this.models.put(caller, input);
  }

  @Rest({ method: 'POST', path: '/sql/models/:source_id/draft', tags })
  @Mutation(() => SemanticModelDocument, { description: 'Infers a semantic model from the schema. Nothing is stored: put it to keep it.' })
  draftSemanticModel(
    @Arg('input', () => SourceIdInput) { sourceId }: SourceIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<SemanticModelDocument> {
    return this.models.draft(caller, sourceId);
  }
}
