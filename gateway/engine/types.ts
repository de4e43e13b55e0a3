import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';

import type { RequestContext } from '#platform/graphql';

/** One operation on its way to a subgraph. */
export interface SubgraphRequest {
  /** Stable per plan node: implementations key their compiled form by this object. */
  readonly document: DocumentNode;
  /** The same operation as text, for remote subgraphs. */
  readonly source: string;
  readonly operationName?: string;
  /** Only queries may be sent twice. */
  readonly operationKind: 'query' | 'mutation' | 'subscription';
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

/** A domain as the engine sees it: the built schema in this process, or HTTP and graphql-ws elsewhere. */
export interface Subgraph {
  readonly name: string;
  /** True where a call crosses a process: equal entity representations are then sent once. */
  readonly isRemote?: boolean;
  /** At once where nothing has to be waited for. */
  execute(request: SubgraphRequest): Promise<ExecutionResult> | ExecutionResult;
  subscribe(request: SubgraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  close?(): Promise<void>;
}

/** A document that has passed all of the specification's rules for this schema. */
export interface ValidatedDocument {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
}

/** A client's operation, as text or already parsed. */
export interface GraphRequest {
  readonly source: string | DocumentNode;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
  /** What `source` was parsed to by a server before; neither done again where it is of this text and of the engine's `schema`. */
  readonly validated?: ValidatedDocument;
  /** Refuses mutations: HTTP GET must be safe to repeat. */
  readonly isReadOnly?: boolean;
}

/**
 * The graph: plans and executes client operations over the subgraphs. The doors (GraphQL over HTTP and WebSocket, the REST facade,
 * the ports between domains) all go through it.
 */
export interface GraphEngine {
  /** The API schema, without federation internals. */
  readonly schema: GraphQLSchema;
  /** The supergraph it runs, as SDL; `@rest` and other composed directives are read from it. */
  readonly supergraphSdl: string;
  /** Never rejects: failures are in `errors`, masked, with `extensions.code`. */
  execute(request: GraphRequest): Promise<ExecutionResult>;
  subscribe(request: GraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult>;
  /** Parses, validates, limits and plans without running; throws where it does not plan. Used at start for fixed operations. */
  prepare(source: string | DocumentNode, operationName?: string): void;
  stop(): Promise<void>;
}

/** Where the engine reports what callers must not see. A pino logger fits. */
export interface EngineLog {
  error(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}
