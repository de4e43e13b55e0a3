import { GraphQLError, print, type DocumentNode, type ExecutionResult, type GraphQLScalarType, type GraphQLSchema } from 'graphql';

import { errors, toPublicError } from '#platform/errors';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { abortFailure, untilAborted } from './execution/abort';
import { mapEvents } from './execution/event-stream';
import { isJson, type Json } from './execution/json';
import { responseNamesOf } from './execution/response-names';
import type { Run } from './execution/run';
import { variablesFor } from './execution/sender';
import { SharedStreams } from './execution/shared-streams';
import { defaultLimits, type OperationLimits } from './limits/limits';
import { maskError, publicGraphQLError, repeatAt, unexplained } from './masking/mask-error';
import { noObserver, type EngineObserver } from './observer';
import { coerceVariables, type Variables } from './operation/coerce-variables';
import type { CompiledOperation, CompileParts, PrimaryFetch } from './operation/compile-operation';
import { BoundedCache, type CacheBounds } from './operation/operation-cache';
import { Operations, type Operation } from './operation/operations';
import { refuse, Refusal } from './operation/refusal';
import { apolloPlanner } from './planning/apollo-planner';
import { withFallback } from './planning/fallback-planner';
import { hivePlanner } from './planning/hive-planner';
import type { Planner } from './planning/planner';
import { privateNames, publicName } from './planning/private-names';
import { separateRequirements } from './planning/separate-requirements';
import { translatingPlanner } from './planning/translate-plan';
import { loadSupergraph, type LoadedSupergraph } from './supergraph';
import { readDirectives } from './supergraph-directives';
import type { EngineLog, GraphEngine, GraphRequest, Subgraph } from './types';

export interface EngineOptions {
  readonly supergraphSdl: string;
  readonly subgraphs: readonly Subgraph[];
  readonly log: EngineLog;
  /** Definitions of custom scalars, so that bad values are refused at the door. */
  readonly scalars?: readonly GraphQLScalarType[];
  readonly cache?: CacheBounds;
  /** `hive` is faster on a miss and needs its optional package. @default 'apollo' */
  readonly planner?: 'apollo' | 'hive';
  readonly limits?: Partial<OperationLimits>;
  readonly observer?: EngineObserver;
  /** Subscription fields that are live feeds: equal subscriptions of one caller share an upstream. @default none */
  readonly sharedFeeds?: readonly string[];
  /** `stop()` leaves the subgraphs open, for an engine that comes after this one. @default false */
  readonly keepSubgraphs?: boolean;
  /** Who may ask `__schema` and `__type`. @default true */
  readonly introspection?: boolean | ((context: RequestContext) => boolean);
  /** "Did you mean" in validation messages, which tells strangers what the schema holds. @default true */
  readonly suggestions?: boolean;
}

interface EngineParts {
  readonly operations: Operations;
  readonly compile: CompileParts;
  readonly limits: OperationLimits;
  readonly mayIntrospect: (context: RequestContext) => boolean;
  readonly sharedFeeds: ReadonlySet<string>;
  readonly keepSubgraphs: boolean;
}

const noVariables: Variables = Object.freeze({});

const isStream = (value: object): value is AsyncIterableIterator<ExecutionResult> => Symbol.asyncIterator in value;

/** Makes the graph of a supergraph and its subgraphs, in this process or elsewhere. */
export function createEngine(options: EngineOptions): GraphEngine {
  const { supergraphSdl, introspection = true } = options;
  const loaded = loadSupergraph(supergraphSdl, options.scalars);
  const limits = { ...defaultLimits, ...options.limits };
  const compile: CompileParts = {
    subgraphs: new Map(options.subgraphs.map((subgraph) => [subgraph.name, subgraph])),
    schema: loaded.fullSchema,
    apiSchema: loaded.schema,
    planner: plannerFor(loaded, options.planner ?? 'apollo'),
    names: privateNames(supergraphSdl),
    plans: new BoundedCache(options.cache),
    log: options.log,
    observer: options.observer ?? noObserver,
  };
  const operations = new Operations({
    parts: compile,
    limits,
    directives: readDirectives(supergraphSdl),
    withSuggestions: options.suggestions ?? true,
    cache: options.cache,
  });
  return new FederatedEngine(supergraphSdl, {
    operations,
    compile,
    limits,
    mayIntrospect: typeof introspection === 'function' ? introspection : () => introspection,
    sharedFeeds: new Set(options.sharedFeeds),
    keepSubgraphs: options.keepSubgraphs ?? false,
  });
}

function plannerFor(loaded: LoadedSupergraph, name: 'apollo' | 'hive'): Planner {
  const separated = separateRequirements(loaded.sdl);
  const sdl = separated?.sdl ?? loaded.sdl;
  const apollo = (): Planner => apolloPlanner(separated ? loadSupergraph(sdl) : loaded);
  const hive = (): Planner => hivePlanner(sdl);
  const planner = name === 'hive' ? withFallback(hive(), apollo) : withFallback(apollo(), hive);
  return separated ? translatingPlanner(planner, separated) : planner;
}

interface Started {
  readonly compiled: CompiledOperation;
  readonly run: Run;
  /** Present for operations that came as text. */
  readonly cost?: number;
}

class FederatedEngine implements GraphEngine {
  readonly schema: GraphQLSchema;
  private readonly shared = new SharedStreams();

  constructor(
    readonly supergraphSdl: string,
    private readonly parts: EngineParts,
  ) {
    this.schema = parts.compile.apiSchema;
  }

  prepare(source: string | DocumentNode, operationName?: string): void {
    this.parts.operations.get(source, operationName).for(everybody, noVariables);
  }

  async execute(request: GraphRequest): Promise<ExecutionResult> {
    let ended: ((result: ExecutionResult) => void) | undefined;
    let result: ExecutionResult;
    try {
      const operation = this.parts.operations.get(request.source, request.operationName);
      ended = this.parts.compile.observer.operationStarted?.({
        definition: operation.definition,
        context: request.context,
        isOwn: typeof request.source !== 'string',
      });
      result = await this.answer(operation, request);
    } catch (thrown) {
      result = this.failed(thrown, request.context);
    }
    ended?.(result);
    return result;
  }

  async subscribe(request: GraphRequest): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    try {
      const operation = this.parts.operations.get(request.source, request.operationName);
      if (operation.definition.operation !== 'subscription') return await this.execute(request);
      const started = this.start(operation, request);
      const { primary } = started.compiled;
      // Everything that was asked for is withheld: one answer says so, and there is nothing to wait for.
      if (!primary) return this.finish(started);
      const [feed] = responseNamesOf(primary.fetch.operation, 'name');
      if (feed === undefined || !this.parts.sharedFeeds.has(feed)) return await this.startStream(started, primary);
      return await this.shared.open(shareKey(request), (signal) => {
        const context = createRequestContext({ ...request.context, signal });
        return this.startStream({ ...started, run: { ...started.run, context } }, primary);
      });
    } catch (thrown) {
      return this.failed(thrown, request.context);
    }
  }

  async stop(): Promise<void> {
    if (this.parts.keepSubgraphs) return;
    await Promise.all([...this.parts.compile.subgraphs.values()].map((subgraph) => subgraph.close?.()));
  }

  private async answer(operation: Operation, request: GraphRequest): Promise<ExecutionResult> {
    const { operation: kind } = operation.definition;
    if (kind === 'subscription') throw refuse('Subscriptions need a streaming transport: WebSocket, SSE or multipart.');
    if (request.isReadOnly && kind === 'mutation') throw errors.METHOD_NOT_ALLOWED({ method: 'A mutation by GET', allow: 'POST' });
    const started = this.start(operation, request);
    const { compiled, run } = started;
    if (compiled.execute) await untilAborted(Promise.resolve(compiled.execute(run, [run.root])), run.context.signal);
    return this.finish(started);
  }

  private start(operation: Operation, { variables = noVariables, context }: GraphRequest): Started {
    const conditions = coerceVariables(this.schema, operation.definition, variables);
    const compiled = operation.for(context.caller, conditions);
    if (compiled.introspect && !this.parts.mayIntrospect(context))
      throw refuse('Introspection is off here; the schema is published with the documentation.');
    const cost = operation.cost?.(conditions);
    const { maxCost } = this.parts.limits;
    if (cost !== undefined && cost > maxCost) {
      throw refuse(`The operation is too large: cost ${cost}, at most ${maxCost}.`, { limit: 'cost', value: cost, max: maxCost });
    }
    const { defaults, literals } = compiled;
    const run: Run = {
      context,
      variables: defaults || literals ? { ...defaults, ...variables, ...literals } : variables,
      conditions,
      operationName: compiled.name,
      root: {},
      errors: [],
    };
    return { compiled, run, ...(cost === undefined ? {} : { cost }) };
  }

  private finish({ compiled, run, cost }: Started): ExecutionResult {
    const conditions = run.conditions as Readonly<Record<string, boolean>>;
    if (compiled.introspect) Object.assign(run.root, compiled.introspect(run.variables, conditions));
    for (const { path, coordinate } of compiled.withheld) run.errors.push(this.withheldError(run, path, coordinate));
    const { data, violations } = compiled.shape(run.root);
    // Errors of fetches have the names of the plan.
    run.errors.forEach((error, index) => (run.errors[index] = error.path ? repeatAt(error, error.path.map(publicName)) : error));
    const open = violations.length === 0 ? violations : unexplained(violations, run);
    if (open.some(({ isMismatch }) => isMismatch)) {
      const { requestId } = run.context;
      this.parts.compile.log.error(
        { event: 'graph.mismatch', requestId, operation: run.operationName, violations: open.slice(0, 5) },
        'a subgraph gave what the schema does not allow',
      );
    }
    // An entity that is gone nulls its parent without being a failure; an answer that is null as a whole has to say why.
    if (data === null && run.errors.length === 0)
      for (const { path } of open) run.errors.push(publicGraphQLError(toPublicError(undefined), run.context.requestId, path));
    const extensions = {
      ...(open.length === 0 ? {} : { valueCompletion: open.map(({ message, path }) => ({ message, path })) }),
      ...(cost === undefined ? {} : { cost: { requested: cost, max: this.parts.limits.maxCost } }),
    };
    return {
      ...(run.errors.length === 0 ? {} : { errors: run.errors }),
      data,
      ...(open.length === 0 && cost === undefined ? {} : { extensions }),
    };
  }

  private withheldError({ context }: Run, path: readonly string[], coordinate: string): GraphQLError {
    const { caller, requestId } = context;
    const thrown =
      caller.userId === ''
        ? errors.UNAUTHORIZED({ hint: `${coordinate} needs one` })
        : errors.FORBIDDEN({ hint: `the token's scope does not include ${coordinate}` });
    return maskError({ thrown, requestId, path }, this.parts.compile.log);
  }

  private async startStream(
    started: Started,
    { fetch, document, rewriteOutput }: PrimaryFetch,
  ): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
    const { compiled, run: first } = started;
    const { context } = first;
    const { log, subgraphs } = this.parts.compile;
    const subgraph = subgraphs.get(fetch.subgraph);
    if (!subgraph) throw errors.SERVICE_UNAVAILABLE({}, { cause: new Error(`no subgraph named ${fetch.subgraph}`) });
    const source = await subgraph.subscribe({
      document,
      source: fetch.operation,
      operationName: fetch.operationName,
      operationKind: 'subscription',
      variables: variablesFor(fetch, first),
      context,
    });
    const maskAll = (result: ExecutionResult): GraphQLError[] =>
      (result.errors ?? []).map((thrown) =>
        maskError({ thrown, requestId: context.requestId, subgraph: fetch.subgraph, path: thrown.path }, log),
      );
    if (!isStream(source)) return { errors: maskAll(source) };

    const map = async (event: ExecutionResult): Promise<ExecutionResult> => {
      const root: Json = isJson(event.data) ? event.data : {};
      // Loaders cache for as long as their context lives: each event has its own, or it would show old entities.
      const run: Run = { ...first, context: createRequestContext(context), root, errors: maskAll(event) };
      try {
        rewriteOutput?.(root);
        await compiled.execute?.(run, [root]);
        return this.finish({ compiled, run });
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
    if (!(thrown instanceof Refusal)) {
      return { errors: [maskError({ thrown: signal.aborted ? abortFailure(signal) : thrown, requestId }, this.parts.compile.log)] };
    }
    return {
      errors: thrown.reasons.map(
        ({ message, nodes, source, positions, extensions }) =>
          new GraphQLError(message, {
            nodes,
            source,
            positions,
            extensions: { code: 'INVALID_REQUEST', retryable: false, ...extensions, requestId },
          }),
      ),
    };
  }
}

/** Who asks and what for. When the token ends matters to the socket, not to what is sent on it. */
function shareKey({ source, operationName, variables, context }: GraphRequest): string {
  const { expiresAt: _, ...caller } = context.caller;
  return JSON.stringify([typeof source === 'string' ? source : print(source), operationName, variables, caller]);
}

/** Compiles every part of an operation, for `prepare`. */
const everybody = { tenantId: '', userId: 'prepare', roles: [], tier: 'enterprise' } as const;
