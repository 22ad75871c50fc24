import { listen, type ListeningServer } from '../http/server.js';
import type { Log } from '../log.js';
import { createMetrics, type Metrics } from '../metrics/metrics.js';
import { scrapeHandler } from '../metrics/scrape-handler.js';
import { startService, type Service, type ServiceOptions } from './start.js';
import type { Listen } from '../config/values.js';
import { ownVersion } from '../version.js';

/** Prometheus has one. */
const MAX_SCRAPERS = 100;

export interface MeasuredService extends Service {
  /** Where `/-/metrics` is; null where no listener is configured. */
  readonly metricsPort: number | null;
}

/** Null where no listener is configured: then nothing is measured. */
export function metricsFor({
  config,
  lostLogLines = () => 0,
}: Pick<ServiceOptions, 'config' | 'lostLogLines'>): Metrics | null {
  return config.metrics.listen === undefined
    ? null
    : createMetrics({ version: ownVersion(), lostLogLines });
}

/** The service in this process, and its listener for scrapes. */
export async function startMeasuredService(options: ServiceOptions): Promise<MeasuredService> {
  const metrics = metricsFor(options);
  return await withMetricsListener(
    options,
    metrics,
    async () => await startService(options, metrics),
  );
}

/** Opens the listener first, so that its port in use by another program stops the start. */
export async function withMetricsListener<T extends { readonly stop: () => Promise<void> }>(
  { config, log }: Pick<ServiceOptions, 'config' | 'log'>,
  source: Pick<Metrics, 'scrape'> | null,
  start: () => Promise<T>,
): Promise<T & { readonly metricsPort: number | null }> {
  if (source === null || config.metrics.listen === undefined) {
    return { ...(await start()), metricsPort: null };
  }
  const listener = await serveMetrics(config.metrics.listen, source.scrape, log);
  try {
    const started = await start();
    return {
      ...started,
      metricsPort: listener.port,
      async stop() {
        await started.stop();
        await listener.stop();
      },
    };
  } catch (error) {
    await listener.stop();
    throw error;
  }
}

async function serveMetrics(
  { host, port }: Listen,
  scrape: () => Promise<string>,
  log: Log,
): Promise<ListeningServer> {
  function failed(error: unknown): void {
    log.error({ err: error }, 'the metrics could not be gathered');
  }
  const server = await listen({
    host,
    port,
    setting: 'metrics.listen',
    tls: null,
    maxConnections: MAX_SCRAPERS,
    handler: scrapeHandler({ scrape, failed }),
    tlsReloadFailed: failed,
  });
  log.info({ listen: `${host}:${server.port}` }, 'metrics listening');
  return server;
}
