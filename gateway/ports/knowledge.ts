import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';

const search = operation(`mutation KnowledgeSearch($input: SemanticSearchInput!) {
  semanticSearch(input: $input) { results { id title content score metadata } }
}`);

interface Hit {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly score: number;
  readonly metadata: { readonly documentId: string; readonly document: string; readonly section: string; readonly offset: number };
}

interface SearchRequest {
  readonly query: string;
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** Documents of the search domain, for the domains that cite them. */
export function createKnowledge(graph: GraphClient) {
  return {
    async search(caller: Caller, { query, limit, signal }: SearchRequest) {
      const input = { query: query.slice(0, 2_000), topK: limit, collections: ['knowledge'] };
      const data = await graph.execute<{ semanticSearch: { results: Hit[] } }>(caller, { document: search, variables: { input }, signal });
      return data.semanticSearch.results.map(({ id, title, content, score, metadata: { documentId, document, section, offset } }) => ({
        id,
        documentId,
        title: document,
        section: section || null,
        offset,
        // The index keeps the title as the first line of what is searched; the offset counts from the words after it.
        excerpt: content.startsWith(`${title}\n`) ? content.slice(title.length + 1) : content,
        score,
      }));
    },
  };
}
