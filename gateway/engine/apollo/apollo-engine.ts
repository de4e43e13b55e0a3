import { ApolloGateway, buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway';
import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner, type QueryPlan, type SubscriptionNode } from '@apollo/query-planner';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  parse,
  print,
  specifiedRules,
  validate,
  visit,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';

import { replayedAs } from '#platform/events';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { mapEvents } from '../execution/event-stream';
import { maskError } from '../masking/mask-error';
import { BoundedCache } from '../operation/operation-cache';
import { loadSupergraph, type LoadedSupergraph } from '../supergraph';
import type { EngineLog, GraphEngine, GraphRequest, Subgraph } from '../types';

export interface ApolloEngineOptions {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly Subgraph[];
  readonly log: EngineLog;
}

type OperationContext = ReturnType<typeof buildOperationContext>;
type Executor = Awaited<ReturnType<ApolloGateway['load']>>['executor'];
type GatewayContext = Parameters<Executor>[0];

const security = new Set([
  'authenticated',
  'requiresScopes',
  'policy',
  'federation__authenticated',
  'federation__requiresScopes',
  'federation__policy',
]);

/** The stock gateway refuses a supergraph with security features, so they are taken out: this path does not honour them. */
function withoutSecurity(sdl: string): string {
  return print(
    visit(parse(sdl, { noLocation: true }), {
      Directive(node) {
        if (security.has(node.name.value)) return null;
        const url = node.name.value === 'link' ? node.arguments?.find(({ name }) => name.value === 'url')?.value : undefined;
        return url?.kind === Kind.STRING && /\/(authenticated|requiresScopes|policy)\/v/.test(url.value) ? null : undefined;
      },
      DirectiveDefinition: (node) => (security.has(node.name.value) ? null : undefined),
    }),
  );
}

/** A subgraph as the stock gateway calls it. */
function dataSource(subgraph: Subgraph): GraphQLDataSource {
  const documents = new BoundedCache<DocumentNode>();
  const documentOf = (source: string): DocumentNode => {
    const known = documents.get(source);
    if (known) return known;
    const document = parse(source, { noLocation: true });
    documents.set(source, document, source.length * 10);
    return document;
  };
  return {
    async process({ request, context }) {
      const source = request.query ?? '';
      const document = documentOf(source);
      const result = await subgraph.execute({
        document,
        source,
        operationName: request.operationName,
        operationKind: getOperationAST(document)?.operation ?? 'query',
        variables: request.variables ?? {},
        context: context as RequestContext,
      });
      return result as Awaited<ReturnType<GraphQLDataSource['process']>>;
    },
  };
}

/**
 * The stock `ApolloGateway` behind our interface: the second opinion of the tests, and a way back (`GATEWAY_ENGINE=apollo`). No
 * limits, no authorisation of fields. Its own executor refuses subscriptions, so each event is run by it as a query.
 */
export async function createApolloEngine({ supergraphSdl, subgraphs, log }: ApolloEngineOptions): Promise<GraphEngine> {
  const sdl = withoutSecurity(supergraphSdl);
  const sources = new Map(subgraphs.map((subgraph) => [subgraph.name, dataSource(subgraph)]));
  const gateway = new ApolloGateway({
    supergraphSdl: sdl,
    buildService: ({ name }) => sources.get(name) ?? { process: () => Promise.reject(new Error(`no subgraph named ${name}`)) },
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const { executor } = await gateway.load();
  return new ApolloEngine(supergraphSdl, { gateway, executor, sources, subgraphs, log, loaded: loadSupergraph(sdl) });
}

interface Parts {
  readonly gateway: ApolloGateway;
  readonly executor: Executor;
  readonly sources: ReadonlyMap<string, GraphQLDataSource>;
  readonly subgraphs: readonly Subgraph[];
  readonly log: EngineLog;
  readonly loaded: LoadedSupergraph;
}

class ApolloEngine implements GraphEngine {
  readonly schema: GraphQLSchema;
  private readonly planner: QueryPlanner;

  constructor(
    readonly supergraphSdl: string,
    private readonly parts: Parts,
  ) {
    this.schema = parts.loaded.schema;
    this.planner = new QueryPlanner(parts.loaded.supergraph);
  }

  prepare(source: string | DocumentNode): void {
    const [problem] = this.check(typeof source === 'string' ? parse(source) : source);
    if (problem) throw problem;
  }

  async execute(request: GraphRequest): Promise<ExecutionResult> {
    try {
      const document = typeof request.source === 'string' ? parse(request.source) : request.source;
      const problems = this.check(document);
      if (problems.length > 0) return { errors: problems.map((problem) => invalid(problem, request.context)) };
      return this.shown(await this.parts.executor(this.requestContext(request, document)), request.context);
    } catch (thrown) {
      if (thrown instanceof GraphQLError && !thrown.originalError) return { errors: [invalid(thrown, request.context)] };
      return { errors: [maskError({ thrown, requestId: request.context.requestId }, this.parts.log)] };
    }
  }

  async subscribe(request: GraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const document = typeof request.source === 'string' ? parse(request.source) : request.source;
    if (getOperationAST(document, request.operationName)?.operation !== 'subscription') return this.execute(request);
    const problems = this.check(document);
    if (problems.length > 0) return { errors: problems.map((problem) => invalid(problem, request.context)) };
    const operation = operationFromDocument(this.parts.loaded.apiSchema, document, { operationName: request.operationName });
    const plan = this.planner.buildQueryPlan(operation).node as SubscriptionNode;
    const { primary } = plan;
    const subgraph = this.parts.subgraphs.find(({ name }) => name === primary.serviceName)!;
    const source = await subgraph.subscribe({
      document: parse(primary.operation),
      source: primary.operation,
      operationName: primary.operationName,
      operationKind: 'subscription',
      variables: request.variables ?? {},
      context: request.context,
    });
    if (!(Symbol.asyncIterator in source)) return this.shown(source, request.context);
    const operationContext = buildOperationContext({
      schema: this.schema,
      operationDocument: document,
      operationName: request.operationName,
    });
    return mapEvents(source, {
      map: async (event) => replayedAs(event, await this.runEvent(plan, event, { request, document, operationContext })),
      lost: (thrown) => ({ errors: [maskError({ thrown, requestId: request.context.requestId }, this.parts.log)] }),
    });
  }

  async stop(): Promise<void> {
    await this.parts.gateway.stop();
    await Promise.all(this.parts.subgraphs.map((subgraph) => subgraph.close?.()));
  }

  /** The event stands for the answer of a subgraph of its own; the rest of the plan follows it. */
  private async runEvent(
    { primary, rest }: SubscriptionNode,
    event: ExecutionResult,
    {
      request,
      document,
      operationContext,
    }: { readonly request: GraphRequest; readonly document: DocumentNode; readonly operationContext: OperationContext },
  ): Promise<ExecutionResult> {
    const first = { ...primary, serviceName: '__event' };
    const plan: QueryPlan = { kind: 'QueryPlan', node: rest ? { kind: 'Sequence', nodes: [first, rest] } : first };
    const sources = Object.fromEntries(this.parts.sources);
    sources.__event = { process: () => Promise.resolve(event as never) };
    const context = this.requestContext({ ...request, context: createRequestContext(request.context) }, document);
    return this.shown(
      await executeQueryPlan(plan, sources, context, operationContext, this.parts.loaded.fullSchema, this.parts.loaded.apiSchema),
      request.context,
    );
  }

  private check(document: DocumentNode): readonly GraphQLError[] {
    return validate(this.schema, document, specifiedRules);
  }

  private requestContext({ variables, operationName, context }: GraphRequest, document: DocumentNode): GatewayContext {
    const query = print(document);
    const quiet = (): void => undefined;
    return {
      request: { query, variables: { ...variables }, ...(operationName === undefined ? {} : { operationName }) },
      document,
      source: query,
      queryHash: `${operationName ?? ''}${query}`,
      operationName: operationName ?? null,
      operation: getOperationAST(document, operationName)!,
      context,
      schema: this.schema,
      metrics: {},
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      cache: { get: () => Promise.resolve(undefined), set: () => Promise.resolve(), delete: () => Promise.resolve(false) },
      overallCachePolicy: {},
    } as unknown as GatewayContext;
  }

  private shown({ data, errors, extensions }: ExecutionResult, { requestId }: RequestContext): ExecutionResult {
    // Nulls where none may be come in `extensions`, and only when nothing else failed.
    const failures = errors ?? (extensions?.valueCompletion as readonly GraphQLError[] | undefined);
    return {
      ...(failures ? { errors: failures.map((thrown) => maskError({ thrown, requestId, path: thrown.path }, this.parts.log)) } : {}),
      ...(data === undefined ? {} : { data }),
    };
  }
}

const invalid = ({ message, nodes, source, positions }: GraphQLError, { requestId }: RequestContext): GraphQLError =>
  new GraphQLError(message, { nodes, source, positions, extensions: { code: 'INVALID_REQUEST', retryable: false, requestId } });
