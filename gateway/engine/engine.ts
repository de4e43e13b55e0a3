import { print, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';

import { errors } from '#platform/errors';
import { createRequestContext, type RequestContext } from '#platform/graphql';

import { failedAnswer, finishAnswer, type Started } from './answers';
import { abortFailure, untilAborted } from './execution/abort';
import { isWaiting } from './execution/is-promise';
import { replaysFrom } from './execution/replays';
import { responseNamesOf } from './execution/response-names';
import type { Run } from './execution/run';
import { SharedStreams, type Stream } from './execution/shared-streams';
import type { OperationLimits } from './limits/limits';
import { coerceVariables, type Variables } from './operation/coerce-variables';
import type { CompileParts } from './operation/compile-operation';
import type { Operation, Operations } from './operation/operations';
import { refuse } from './operation/refusal';
import { startStream, type StreamParts } from './start-stream';
import type { GraphEngine, GraphRequest } from './types';

export interface EngineParts {
  readonly operations: Operations;
  readonly compile: CompileParts;
  readonly limits: OperationLimits;
  readonly mayIntrospect: (context: RequestContext) => boolean;
  readonly sharedFeeds: ReadonlySet<string>;
  readonly replayArgument: string;
  readonly keepSubgraphs: boolean;
}

const noVariables: Variables = Object.freeze({});

/** One supergraph at work. Made by `createEngine`. */
export class FederatedEngine implements GraphEngine {
  readonly schema: GraphQLSchema;
  private readonly shared = new SharedStreams();
  private readonly stream: StreamParts;

  constructor(
    readonly supergraphSdl: string,
    private readonly parts: EngineParts,
  ) {
    this.schema = parts.compile.apiSchema;
    const { log, subgraphs } = parts.compile;
    this.stream = { log, subgraphs, maxCost: parts.limits.maxCost };
  }

  prepare(source: string | DocumentNode, operationName?: string): void {
    this.parts.operations.get(source, operationName).for(everybody, noVariables);
  }

  async execute(request: GraphRequest): Promise<ExecutionResult> {
    let ended: ((result: ExecutionResult) => void) | undefined;
    let result: ExecutionResult;
    try {
      const operation = this.parts.operations.get(request.source, request.operationName, request.validated);
      ended = this.parts.compile.observer.operationStarted?.({
        definition: operation.definition,
        context: request.context,
        isOwn: typeof request.source !== 'string',
      });
      const answered = this.answer(operation, request);
      result = isWaiting(answered) ? await answered : answered;
    } catch (thrown) {
      result = failedAnswer(thrown, request.context, this.parts.compile.log);
    }
    ended?.(result);
    return result;
  }

  async subscribe(request: GraphRequest): Promise<Stream | ExecutionResult> {
    try {
      const operation = this.parts.operations.get(request.source, request.operationName);
      if (operation.definition.operation !== 'subscription') return await this.execute(request);
      const started = this.start(operation, request);
      const { primary } = started.compiled;
      // Everything that was asked for is withheld: one answer says so, and there is nothing to wait for.
      if (!primary) return finishAnswer(started, this.stream);
      const [feed] = responseNamesOf(primary.document, 'name');
      const isShared = feed !== undefined && this.parts.sharedFeeds.has(feed);
      // Who asks for the past needs an upstream of its own: one that is under way has told it already.
      if (!isShared || replaysFrom(this.parts.replayArgument, primary.document, started.run.variables))
        return await startStream(started, primary, this.stream);
      return await this.shared.open(shareKey(request), (signal) => {
        const context = createRequestContext({ ...request.context, signal });
        return startStream({ ...started, run: { ...started.run, context } }, primary, this.stream);
      });
    } catch (thrown) {
      return failedAnswer(thrown, request.context, this.parts.compile.log);
    }
  }

  async stop(): Promise<void> {
    if (this.parts.keepSubgraphs) return;
    await Promise.all([...this.parts.compile.subgraphs.values()].map((subgraph) => subgraph.close?.()));
  }

  private answer(operation: Operation, request: GraphRequest): Promise<ExecutionResult> | ExecutionResult {
    const { operation: kind } = operation.definition;
    if (kind === 'subscription') throw refuse('Subscriptions need a streaming transport: WebSocket, SSE or multipart.');
    if (request.isReadOnly && kind === 'mutation') throw errors.METHOD_NOT_ALLOWED({ method: 'A mutation by GET', allow: 'POST' });
    const started = this.start(operation, request);
    const { compiled, run } = started;
    const work = compiled.execute?.(run, [run.root]);
    const { signal } = run.context;
    if (work) return untilAborted(work, signal).then(() => finishAnswer(started, this.stream));
    if (signal.aborted) throw abortFailure(signal);
    return finishAnswer(started, this.stream);
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
    const { given } = compiled;
    const run: Run = {
      context,
      variables: !given ? variables : variables === noVariables ? given.always : { ...given.defaults, ...variables, ...given.literals },
      conditions,
      operationName: compiled.name,
      root: {},
      errors: [],
    };
    return { compiled, run, cost };
  }
}

/** Who asks and what for. When the token ends matters to the socket, not to what is sent on it. */
function shareKey({ source, operationName, variables, context }: GraphRequest): string {
  const { expiresAt: _, ...caller } = context.caller;
  return JSON.stringify([typeof source === 'string' ? source : print(source), operationName, variables, caller]);
}

/** Compiles every part of an operation, for `prepare`. */
const everybody = { tenantId: '', userId: 'prepare', roles: [], tier: 'enterprise' } as const;
