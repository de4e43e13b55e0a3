import { GraphQLError, parse, type DocumentNode, type ExecutionResult, type GraphQLScalarType, type GraphQLSchema } from 'graphql';

import { errors } from '#platform/errors';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { abortFailure, untilAborted } from './execution/abort';
import type { FetchObserver } from './execution/compile-plan';
import { mapEvents } from './execution/event-stream';
import { isJson, type Json } from './execution/json';
import { compileRewrites } from './execution/rewrites';
import type { Run } from './execution/run';
import { variablesFor } from './execution/sender';
import { maskError, placeViolations } from './masking/mask-error';
import { coerceVariables, type Variables } from './operation/coerce-variables';
import {
  compileOperation,
  parseOperation,
  selectOperation,
  validateOperation,
  type CompiledOperation,
  type CompileParts,
} from './operation/compile-operation';
import { BoundedCache, type CacheBounds } from './operation/operation-cache';
import { Refusal } from './operation/refusal';
import { apolloPlanner } from './planning/apollo-planner';
import { hivePlanner } from './planning/hive-planner';
import { loadSupergraph } from './supergraph';
import type { EngineLog, GraphEngine, GraphRequest, Subgraph, SubgraphRequest } from './types';

export interface EngineOptions {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly Subgraph[];
  readonly log: EngineLog;
  /** Definitions of custom scalars, so that bad values are refused at the door. */
  readonly scalars?: readonly GraphQLScalarType[];
  readonly cache?: CacheBounds;
  /** `hive` is faster on a miss and needs its optional package. @default 'apollo' */
  readonly planner?: 'apollo' | 'hive';
  readonly observer?: FetchObserver;
  /** "Did you mean" in validation messages, which tells strangers what the schema holds. @default true */
  readonly suggestions?: boolean;
}

const noVariables: Variables = Object.freeze({});

const isStream = (value: object): value is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in value;

/** Makes the graph of a supergraph and its subgraphs, in this process or elsewhere. */
export function createEngine(options: EngineOptions): GraphEngine {
  const loaded = loadSupergraph(options.supergraphSdl, options.scalars);
  const parts: CompileParts = {
    subgraphs: new Map(options.subgraphs.map((subgraph) => [subgraph.name, subgraph])),
    schema: loaded.fullSchema,
    apiSchema: loaded.schema,
    planner: options.planner === 'hive' ? hivePlanner(options.supergraphSdl) : apolloPlanner(loaded),
    log: options.log,
    observer: options.observer ?? {},
    maxTokens: 10_000,
    withSuggestions: options.suggestions ?? true,
  };
  return new FederatedEngine(parts, options.supergraphSdl, options.cache);
}

class FederatedEngine implements GraphEngine {
  readonly schema: GraphQLSchema;
  private readonly byText: BoundedCache<CompiledOperation>;
  private readonly byDocument = new WeakMap<DocumentNode, Map<string, CompiledOperation>>();

  constructor(
    private readonly parts: CompileParts,
    readonly supergraphSdl: string,
    cache?: CacheBounds,
  ) {
    this.schema = parts.apiSchema;
    this.byText = new BoundedCache(cache);
  }

  prepare(source: string | DocumentNode, operationName?: string): void {
    this.compiled(source, operationName);
  }

  async execute(request: GraphRequest): Promise<ExecutionResult> {
    try {
      const operation = this.compiled(request.source, request.operationName);
      if (operation.primary) throw new Refusal([new GraphQLError('Subscriptions need a streaming transport: WebSocket, SSE or multipart.')]);
      if (request.isReadOnly && operation.kind === 'mutation') throw errors.METHOD_NOT_ALLOWED({ method: 'A mutation by GET', allow: 'POST' });
      const run = this.startRun(operation, request);
      if (operation.execute) await untilAborted(Promise.resolve(operation.execute(run, [run.root])), run.context.signal);
      return this.finish(operation, run);
    } catch (thrown) {
      return this.failed(thrown, request.context);
    }
  }

  async subscribe(request: GraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    try {
      const operation = this.compiled(request.source, request.operationName);
      if (!operation.primary) return await this.execute(request);
      return await this.startStream(operation, request);
    } catch (thrown) {
      return this.failed(thrown, request.context);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.parts.subgraphs.values()].map((subgraph) => subgraph.close?.()));
  }

  private compiled(source: string | DocumentNode, operationName: string | undefined): CompiledOperation {
    if (typeof source !== 'string') return this.compiledDocument(source, operationName);
    const key = operationName === undefined ? source : `${operationName}\n${source}`;
    const known = this.byText.get(key);
    if (known) return known;
    const made = this.compile(parseOperation(this.parts, source), operationName);
    // Syntax tree, plan and shaper together hold some twenty times the text.
    this.byText.set(key, made, 2_000 + source.length * 20);
    return made;
  }

  private compiledDocument(document: DocumentNode, operationName = ''): CompiledOperation {
    const operations = this.byDocument.get(document) ?? new Map<string, CompiledOperation>();
    const known = operations.get(operationName);
    if (known) return known;
    const made = this.compile(document, operationName === '' ? undefined : operationName);
    operations.set(operationName, made);
    this.byDocument.set(document, operations);
    return made;
  }

  private compile(document: DocumentNode, operationName: string | undefined): CompiledOperation {
    validateOperation(this.parts, document);
    return compileOperation(this.parts, document, selectOperation(document, operationName));
  }

  private startRun(operation: CompiledOperation, { variables = noVariables, context }: GraphRequest, root: Json = {}): Run {
    const conditions = coerceVariables(this.schema, operation.definition, variables);
    return { context, variables, conditions, operationName: operation.name, root, errors: [] };
  }

  private finish(operation: CompiledOperation, run: Run): ExecutionResult {
    const conditions = run.conditions as Readonly<Record<string, boolean>>;
    if (operation.introspect) Object.assign(run.root, operation.introspect(run.variables, conditions));
    const { data, violations } = operation.shaper(conditions)(run.root);
    const failures = violations.length === 0 ? run.errors : placeViolations(violations, run, this.parts.log);
    return failures.length === 0 ? { data } : { errors: failures, data };
  }

  private async startStream(operation: CompiledOperation, request: GraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const primary = operation.primary!;
    const { context } = request;
    const first = this.startRun(operation, request);
    const subgraph = this.parts.subgraphs.get(primary.subgraph);
    if (!subgraph) throw new Error(`no subgraph named ${primary.subgraph}`);
    const upstream: SubgraphRequest = {
      document: parse(primary.operation, { noLocation: true }),
      source: primary.operation,
      operationName: primary.operationName,
      operationKind: 'subscription',
      variables: variablesFor(primary, first),
      context,
    };
    const source = await subgraph.subscribe(upstream);
    const maskAll = (result: ExecutionResult): GraphQLError[] =>
      (result.errors ?? []).map((thrown) => maskError({ thrown, requestId: context.requestId, subgraph: primary.subgraph, path: thrown.path }, this.parts.log));
    if (!isStream(source)) return { errors: maskAll(source) };
    const rewriteOutput = compileRewrites(this.parts.schema, primary.outputRewrites);
    const map = async (event: ExecutionResult): Promise<ExecutionResult> => {
      // Loaders cache for as long as their context lives: each event has its own, or it would show old entities.
      const run: Run = { ...first, context: createRequestContext(context), root: isJson(event.data) ? event.data : {}, errors: maskAll(event) };
      try {
        rewriteOutput?.(run.root);
        if (operation.execute) await operation.execute(run, [run.root]);
        return this.finish(operation, run);
      } catch (thrown) {
        return this.failed(thrown, context);
      }
    };
    const lost = (thrown: unknown): ExecutionResult => {
      // The log's reader fell behind: that is the client's pace, which its socket is told by a close code.
      if (thrown instanceof Error && thrown.name === 'StreamOverflow') throw thrown;
      return this.failed(thrown, context);
    };
    return mapEvents(source, { map, lost });
  }

  private failed(thrown: unknown, { requestId, signal }: RequestContext): ExecutionResult {
    if (thrown instanceof Refusal) {
      return {
        errors: thrown.reasons.map(
          (reason) =>
            new GraphQLError(reason.message, {
              nodes: reason.nodes,
              source: reason.source,
              positions: reason.positions,
              extensions: { code: 'INVALID_REQUEST', retryable: false, ...reason.extensions, requestId },
            }),
        ),
      };
    }
    return { errors: [maskError({ thrown: signal.aborted ? abortFailure(signal) : thrown, requestId }, this.parts.log)] };
  }
}
