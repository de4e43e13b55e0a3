import type { StoredPrediction } from '../../store/registry.store';
import { groupBy } from '../data/group-by';

/** How a version did in one role. */
export interface ServedSummary {
  readonly version: number;
  readonly role: string;
  readonly requests: number;
  /** Of them, those that it could not answer. */
  readonly failures: number;
  readonly meanLatencyMs: number;
  readonly p95LatencyMs: number;
  /** Null for classes. */
  readonly meanPrediction: number | null;
  /** Shares of the classes predicted; null for numbers. */
  readonly classShares: Readonly<Record<string, number>> | null;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

export function compareServed(predictions: readonly StoredPrediction[]): ServedSummary[] {
  const groups = groupBy(predictions, ({ version, role }) => `${version}/${role}`);
  return [...groups.values()].map((group) => {
    const answered = group.filter(({ prediction }) => prediction !== null).map(({ prediction }) => prediction);
    const numbers = answered.filter((value): value is number => typeof value === 'number');
    const classes = answered.filter((value): value is string => typeof value === 'string');
    const latencies = group.map(({ latency_ms }) => latency_ms).sort((a, b) => a - b);
    const shares = [...groupBy(classes, (name) => name)].map(([name, of]) => [name, of.length / classes.length] as const);
    return {
      version: group[0]!.version,
      role: group[0]!.role,
      requests: group.length,
      failures: group.length - answered.length,
      meanLatencyMs: mean(latencies),
      p95LatencyMs: latencies[Math.floor(0.95 * (latencies.length - 1))]!,
      meanPrediction: numbers.length > 0 ? mean(numbers) : null,
      classShares: classes.length > 0 ? Object.fromEntries(shares) : null,
    };
  });
}
