import type { Metrics } from '#platform/telemetry';

/** Told of every finished REST request. Operations come from the compiled routes, so a stranger's path makes no new series. */
export function restMetrics(metrics: Metrics): (operation: string, status: number, seconds: number) => void {
  const answered = metrics.histogram('rest_request_seconds', 'Time of REST requests, by operation and status.', {
    labels: ['operation', 'status'],
  });
  return (operation, status, seconds) => answered.observe({ operation, status: String(status) }, seconds);
}
