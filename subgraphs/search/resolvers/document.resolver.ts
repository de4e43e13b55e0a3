import DataLoader from 'dataloader';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';

import { PageArgs, Rest, type Connection, type RequestContext } from '#platform/graphql';

import { AddDocumentInput, DocumentIdInput, KnowledgeDocument, KnowledgeDocumentConnection } from '../schema/document.type';
import type { DocumentView, KnowledgeService } from '../service/knowledge.service';

const tags = ['Knowledge'];

export const toDocument = (row: DocumentView): KnowledgeDocument => ({
  id: row.id,
  title: row.title,
  format: row.format,
  tags: row.tags,
  status: row.status,
  problem: row.problem,
  partCount: row.part_count,
  createdBy: row.created_by,
  createdAt: row.created_at,
});

/** One store query for all document references of a request. */
export const documentLoader = (knowledge: KnowledgeService, context: RequestContext): DataLoader<string, DocumentView | null> =>
  context.loader('search.document', () => new DataLoader((ids: readonly string[]) => knowledge.findMany(context.caller, ids)));

@Resolver(() => KnowledgeDocument)
export class DocumentResolver {
  constructor(private readonly knowledge: KnowledgeService) {}

  @Rest({ method: 'GET', path: '/search/knowledge/:id', tags })
  @Query(() => KnowledgeDocument, { nullable: true, description: 'One document.' })
  async knowledgeDocument(
    @Arg('id', () => ID, { description: 'The document.' }) id: string,
    @Ctx() { caller }: RequestContext,
  ): Promise<KnowledgeDocument> {
    return toDocument(await this.knowledge.find(caller, id));
  }

  @Rest({ method: 'GET', path: '/search/knowledge', tags })
  @Query(() => KnowledgeDocumentConnection, { description: 'Documents of the tenant, newest first.' })
  async knowledgeDocuments(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { caller }: RequestContext,
  ): Promise<Connection<KnowledgeDocument>> {
    const found = await this.knowledge.list(caller, page);
    return {
      ...found,
      nodes: found.nodes.map(toDocument),
      edges: found.edges.map(({ cursor, node }) => ({ cursor, node: toDocument(node) })),
    };
  }

  @Rest({ method: 'POST', path: '/search/knowledge', status: 201, tags })
  @Mutation(() => KnowledgeDocument, {
    description: 'Adds a document. It is searchable a moment later, in parts that are cited with section and offset.',
  })
  async addKnowledge(
    @Arg('input', () => AddDocumentInput) input: AddDocumentInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<KnowledgeDocument> {
    return toDocument(await this.knowledge.add(caller, input));
  }

  @Rest({ method: 'DELETE', path: '/search/knowledge/:document_id', tags })
  @Mutation(() => KnowledgeDocument, { description: 'Removes a document and what was indexed of it.' })
  async removeKnowledge(
    @Arg('input', () => DocumentIdInput) { documentId }: DocumentIdInput,
    @Ctx() { caller }: RequestContext,
  ): Promise<KnowledgeDocument> {
    return toDocument(await this.knowledge.remove(caller, documentId));
  }
}
