import type { Caller } from '#platform/auth';

import { operation, type GraphClient } from './graph-client';

const search = operation(`mutation KnowledgeSearch($input: SemanticSearchInput!) {
  semanticSearch(input: $input) { results { id collection title content score metadata } }
}`);

interface Hit {
  readonly id: string;
  readonly collection: string;
  readonly title: string;
  readonly content: string;
  readonly score: number;
  readonly metadata: Readonly<Record<string, unknown>>;
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
      return data.semanticSearch.results.map(({ id, title, content, score }) => ({ id, title, excerpt: content, score }));
    },
  };
}
