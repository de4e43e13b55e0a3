import {
  context as active,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type TracerProvider,
} from '@opentelemetry/api';

import type { EngineObserver } from '../engine';

export interface OperationTracesOptions {
  /** @default the global one, which does nothing until an SDK is started */
  readonly provider?: TracerProvider;
}

/** OpenTelemetry spans: one an operation, below the caller's, and one for each fetch below that. Names and codes only, no text, no values. */
export function operationTraces({ provider = trace.getTracerProvider() }: OperationTracesOptions = {}): EngineObserver {
  const tracer = provider.getTracer('parley-gateway');
  const contexts = new WeakMap<AbortSignal, Context>();
  return {
    operationStarted({ definition, context }) {
      const parent =
        context.traceparent === undefined ? active.active() : propagation.extract(ROOT_CONTEXT, { traceparent: context.traceparent });
      const name = definition.name?.value;
      const attributes = {
        'graphql.operation.type': definition.operation,
        'parley.request_id': context.requestId,
        ...(name === undefined ? {} : { 'graphql.operation.name': name }),
      };
      const span = tracer.startSpan(`graphql.${definition.operation}`, { kind: SpanKind.SERVER, attributes }, parent);
      // The signal is made once a request, and copies of the context share it.
      contexts.set(context.signal, trace.setSpan(parent, span));
      return ({ errors }) => {
        const code = errors?.[0]?.extensions.code;
        if (errors) span.setStatus({ code: SpanStatusCode.ERROR, message: String(code ?? 'error') });
        span.end();
      };
    },
    fetchStarted({ subgraph, operationKind, run }) {
      const parent = contexts.get(run.context.signal) ?? active.active();
      const span = tracer.startSpan(
        'graphql.fetch',
        { kind: SpanKind.CLIENT, attributes: { 'parley.subgraph': subgraph, 'graphql.operation.type': operationKind } },
        parent,
      );
      return (hasFailed) => {
        if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
  };
}
