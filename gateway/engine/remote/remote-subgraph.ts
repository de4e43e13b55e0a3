import { BrokenCircuitError, circuitBreaker, ConsecutiveBreaker, handleWhen, type CircuitBreakerPolicy } from 'cockatiel';
import type { ExecutionResult } from 'graphql';

import { errors } from '#platform/errors';
import type { RequestContext } from '#platform/graphql';

import { incomingHeaders, returnHeader } from '../carried-headers';
import { abortFailure } from '../execution/abort';
import { StreamOverflow } from '../execution/event-queue';
import { isJson } from '../execution/json';
import type { EngineLog, Subgraph, SubgraphRequest } from '../types';

import { httpTransport, type HttpAnswer, type HttpTransport, type HttpTransportOptions } from './http-transport';
import { RetryBudget } from './retry-budget';
import { SharedRequests } from './shared-requests';
import { DeadlinePassed, TransportFailure } from './transport-failure';
import { wsTransport, type WsTransport } from './ws-transport';

export interface RemoteSubgraphOptions extends HttpTransportOptions {
  readonly name: string;
  /** Where subscriptions are. @default `url` with ws for http */
  readonly wsUrl?: string;
  /** Headers that prove the caller to the subgraph. @default none: only for subgraphs that are open anyway */
  signContext?(context: RequestContext): Readonly<Record<string, string>>;
  /** Who may share an answer. @default by the whole caller */
  scopeOf?(context: RequestContext): string;
  /** Headers of the client that are sent along, in lower case. @default none */
  readonly forwardHeaders?: readonly string[];
  /** Further attempts of a query. @default 2 */
  readonly maxRetries?: number;
  /** Failures in a row after which the subgraph is left alone. @default 5 */
  readonly breakerFailures?: number;
  /** Time for which it is left alone before one request tries again. @default 2_000 */
  readonly breakerMs?: number;
  readonly log?: EngineLog;
}

const isFailure = (thrown: Error): boolean => thrown instanceof TransportFailure || thrown instanceof DeadlinePassed;

/** A domain in another process, over HTTP and graphql-ws. */
export function remoteSubgraph(options: RemoteSubgraphOptions): Subgraph {
  return new RemoteSubgraph(options);
}

class RemoteSubgraph implements Subgraph {
  readonly isRemote = true;
  readonly name: string;
  private readonly http: HttpTransport;
  private readonly ws: WsTransport;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly budget = new RetryBudget();
  private readonly shared = new SharedRequests<HttpAnswer>();
  private readonly scopes = new WeakMap<object, string>();

  constructor(private readonly options: RemoteSubgraphOptions) {
    this.name = options.name;
    this.http = httpTransport(options);
    const { timeoutMs = 30_000, maxResponseBytes } = options;
    this.ws = wsTransport(options.wsUrl ?? options.url.replace(/^http/, 'ws'), {
      connectTimeoutMs: Math.min(timeoutMs, 5_000),
      ...(maxResponseBytes === undefined ? {} : { maxResponseBytes }),
    });
    this.breaker = circuitBreaker(handleWhen(isFailure), {
      halfOpenAfter: options.breakerMs ?? 2_000,
      breaker: new ConsecutiveBreaker(options.breakerFailures ?? 5),
    });
    this.breaker.onBreak(() =>
      options.log?.warn({ event: 'subgraph.breaker_opened', subgraph: this.name }, 'a subgraph keeps failing and is left alone'),
    );
  }

  async execute(request: SubgraphRequest): Promise<ExecutionResult> {
    const { source, operationName, variables, context, operationKind } = request;
    const body = JSON.stringify({ query: source, operationName, variables });
    try {
      const answer = operationKind === 'query' ? await this.ask(body, context) : await this.post(body, context, context.signal);
      for (const name in answer.headers) returnHeader(context, name, answer.headers[name]!);
      return readResult(answer.text);
    } catch (thrown) {
      throw this.explain(thrown, context);
    }
  }

  async subscribe({ source, operationName, variables, context }: SubgraphRequest): Promise<AsyncIterableIterator<ExecutionResult>> {
    const extensions = this.options.signContext ? { context: this.options.signContext(context) } : undefined;
    const events = this.ws.subscribe({
      query: source,
      operationName,
      variables: variables as Record<string, unknown>,
      ...(extensions ? { extensions } : {}),
    });
    const explain = (thrown: unknown): Error => this.explain(thrown, context);
    const stream: AsyncIterableIterator<ExecutionResult> = {
      next: () => events.next().catch((thrown: unknown) => Promise.reject(explain(thrown))),
      return: async () => (await events.return?.()) ?? { done: true, value: undefined },
      throw: async (thrown) => (await events.throw?.(thrown)) ?? { done: true, value: undefined },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }

  async close(): Promise<void> {
    await Promise.all([this.http.close(), this.ws.close()]);
  }

  private ask(body: string, context: RequestContext): Promise<HttpAnswer> {
    const { forwardHeaders = [] } = this.options;
    const forwarded = forwardHeaders.length === 0 ? '' : JSON.stringify(incomingHeaders(context, forwardHeaders));
    return this.shared.run(`${this.scopeOf(context)}\n${forwarded}\n${body}`, context.signal, (signal) =>
      this.postWithRetries(body, context, signal),
    );
  }

  private post(body: string, context: RequestContext, signal: AbortSignal): Promise<HttpAnswer> {
    const headers: Record<string, string> = {
      ...incomingHeaders(context, this.options.forwardHeaders ?? []),
      'content-type': 'application/json',
      accept: 'application/json',
      'x-request-id': context.requestId,
      ...(context.traceparent === undefined ? {} : { traceparent: context.traceparent }),
      ...this.options.signContext?.(context),
    };
    return this.breaker.execute(() => this.http.post(body, headers, signal));
  }

  private async postWithRetries(body: string, context: RequestContext, signal: AbortSignal): Promise<HttpAnswer> {
    this.budget.earn();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.post(body, context, signal);
      } catch (thrown) {
        const mayRetry = thrown instanceof TransportFailure && thrown.isRetryable && attempt < (this.options.maxRetries ?? 2);
        if (!mayRetry || signal.aborted || !this.budget.spend()) throw thrown;
        // Full jitter: clients that failed together must not come back together.
        await pause(Math.random() * 50 * 2 ** attempt, signal);
      }
    }
  }

  /** Answers depend on who asks, so only requests of one scope are shared. */
  private scopeOf(context: RequestContext): string {
    if (this.options.scopeOf) return this.options.scopeOf(context);
    const known = this.scopes.get(context.caller);
    if (known !== undefined) return known;
    const made = JSON.stringify(context.caller);
    this.scopes.set(context.caller, made);
    return made;
  }

  private explain(thrown: unknown, { signal }: RequestContext): Error {
    if (signal.aborted) return abortFailure(signal);
    if (thrown instanceof StreamOverflow) return thrown;
    if (thrown instanceof DeadlinePassed) return errors.TIMEOUT({ seconds: (this.options.timeoutMs ?? 30_000) / 1_000 }, { cause: thrown });
    if (thrown instanceof BrokenCircuitError) return errors.SERVICE_UNAVAILABLE();
    return errors.SERVICE_UNAVAILABLE({}, { cause: thrown });
  }
}

function readResult(text: string): ExecutionResult {
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch (thrown) {
    throw new TransportFailure('an answer that is no JSON', false, thrown);
  }
  if (!isJson(result) || (result.data === undefined && !Array.isArray(result.errors)))
    throw new TransportFailure('an answer that is no GraphQL result', false);
  if (result.errors !== undefined && result.errors !== null && !Array.isArray(result.errors))
    throw new TransportFailure('errors that are no list', false);
  const failures = Array.isArray(result.errors) ? result.errors.filter(isJson) : [];
  return { data: result.data as ExecutionResult['data'], ...(failures.length > 0 ? { errors: failures as never } : {}) };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
