import type { GraphQLError } from 'graphql';

import type { RequestContext } from '#platform/graphql';

import type { Json } from './json';

/** One execution of a plan: what it was given and what it has gathered. */
export interface Run {
  readonly context: RequestContext;
  /** As the client sent them: each subgraph coerces them by its own types. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Coerced values, for `@skip`, `@include` and conditional parts of the plan. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Name of the client's operation, for metrics. */
  readonly operationName: string;
  /** Everything fetched so far, merged. */
  readonly root: Json;
  /** Already masked. */
  readonly errors: GraphQLError[];
}
