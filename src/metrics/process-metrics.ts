import { collectDefaultMetrics, type Registry } from 'prom-client';

/** They end in `_total` and are no counters, which Prometheus' linter refuses. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** CPU, memory, file descriptors, garbage collection and event loop, by the names that every dashboard knows. */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) {
    registry.removeSingleMetric(name);
  }
}
