import 'reflect-metadata';

export { buildSubgraph, type BuiltSubgraph, type EntityReference, type ReferenceResolver, type SubgraphOptions } from './build-subgraph';
export { Cost, Rest, restDirectiveDefinition, subgraphHeader, type RestRoute } from './directives';
export { createRequestContext, type RequestContext, type RequestContextInit } from './request-context';
export {
  connectionType,
  defaultPageSize,
  maxPageSize,
  PageArgs,
  PageInfo,
  readPage,
  toConnection,
  type Connection,
  type ConnectionSource,
  type Edge,
  type Page,
} from './connection';
export { DateTimeResolver as DateTime, JSONResolver as Json, BigIntResolver as BigIntScalar } from 'graphql-scalars';
