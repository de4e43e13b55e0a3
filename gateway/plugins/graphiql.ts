import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

let page: string | undefined;

/** GraphiQL in one document, with nothing to load from elsewhere. */
export function graphiqlPage(endpoint: string): string {
  page ??= renderGraphiQL({ title: 'Parley', endpoint, defaultQuery: '{ __typename }', subscriptionsProtocol: 'GRAPHQL_SSE' } as never);
  return page;
}
