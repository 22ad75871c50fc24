import { Counter, Gauge, Registry } from 'prom-client';
import { addProcessMetrics } from './process-metrics.js';
import { observeRequests, type RequestObserver } from './request-metrics.js';
import { addStateGauges, type ServiceState } from './state-gauges.js';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export interface Metrics {
  readonly observeRequest: RequestObserver;
  readonly countFailedUseWrite: () => void;
  /** From now on a scrape also tells the state of the service. */
  readonly watch: (state: ServiceState) => void;
  /** All of it, in Prometheus' text format. */
  readonly scrape: () => Promise<string>;
  /** The same as data, for the process that adds up several. */
  readonly snapshot: () => Promise<readonly object[]>;
}

/** Everything that this process tells Prometheus, in a registry of its own. */
export function createMetrics({
  version,
  lostLogLines,
}: {
  readonly version: string;
  readonly lostLogLines: () => number;
}): Metrics {
  const registry = new Registry();
  addProcessMetrics(registry);
  addBuildInfo(registry, version);
  addLostLogLines(registry, lostLogLines);
  const failedUseWrites = new Counter({
    name: 'pullgate_deploy_token_use_write_failures_total',
    help: 'Times that the last uses of deploy tokens could not be written to the database.',
    registers: [registry],
  });
  return {
    observeRequest: observeRequests(registry),
    countFailedUseWrite() {
      failedUseWrites.inc();
    },
    watch(state) {
      addStateGauges(registry, state);
    },
    scrape: async () => await registry.metrics(),
    snapshot: async () => await registry.getMetricsAsJSON(),
  };
}

function addBuildInfo(registry: Registry, version: string): void {
  const info = new Gauge({
    name: 'pullgate_build_info',
    help: 'Always 1; the label tells the version that runs.',
    labelNames: ['version'],
    registers: [registry],
    aggregator: 'first',
  });
  info.set({ version }, 1);
}

function addLostLogLines(registry: Registry, lostLogLines: () => number): void {
  const counter = new Counter({
    name: 'pullgate_log_lines_lost_total',
    help: 'Log lines that were not written since nobody read standard output.',
    registers: [registry],
    collect() {
      counter.reset();
      counter.inc(lostLogLines());
    },
  });
}
