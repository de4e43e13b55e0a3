import type { Metrics } from '#platform/telemetry';

import type { EngineObserver } from '../engine';

export interface OperationMetricsOptions {
  readonly metrics: Metrics;
  /** Operation names that have a label of their own; the others count as `other`, or strangers could make labels without end. */
  readonly names?: ReadonlySet<string>;
}

/** Durations and outcomes of operations by name, and of fetches by subgraph. */
export function operationMetrics({ metrics, names = new Set() }: OperationMetricsOptions): EngineObserver {
  const operations = metrics.histogram('graphql_operation_seconds', 'Time of GraphQL operations, by name and outcome.', {
    labels: ['operation', 'kind', 'outcome'],
  });
  const fetches = metrics.histogram('graphql_fetch_seconds', 'Time of fetches from subgraphs.', {
    labels: ['subgraph', 'kind', 'outcome'],
  });
  return {
    operationStarted({ definition, isOwn }) {
      const started = performance.now();
      const name = definition.name?.value;
      const operation = name === undefined ? 'anonymous' : isOwn || names.has(name) ? name : 'other';
      return ({ errors }) => {
        const code = errors?.[0]?.extensions.code;
        operations.observe(
          { operation, kind: definition.operation, outcome: errors ? String(code ?? 'error') : 'ok' },
          (performance.now() - started) / 1_000,
        );
      };
    },
    fetchStarted({ subgraph, operationKind }) {
      const started = performance.now();
      return (hasFailed) =>
        fetches.observe({ subgraph, kind: operationKind, outcome: hasFailed ? 'failed' : 'ok' }, (performance.now() - started) / 1_000);
    },
  };
}
