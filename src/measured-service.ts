import { listen, type ListeningServer } from './http/server.js';
import type { Log } from './log.js';
import { createMetrics } from './metrics/metrics.js';
import { scrapeHandler } from './metrics/scrape-handler.js';
import { startService, type Service, type ServiceOptions } from './service.js';
import type { Listen } from './settings.js';
import { ownVersion } from './version.js';

export interface MeasuredService extends Service {
  /** Where `/-/metrics` is; null where no listener is configured. */
  readonly metricsPort: number | null;
}

/** The service, and beside it the listener for scrapes: it opens first, so that a port in use stops the start. */
export async function startMeasuredService(options: ServiceOptions): Promise<MeasuredService> {
  const { config, log } = options;
  if (config.metrics.listen === undefined) {
    return { ...(await startService(options, null)), metricsPort: null };
  }
  const metrics = createMetrics({ version: ownVersion() });
  const scrapes = await serveMetrics(config.metrics.listen, metrics.scrape, log);
  try {
    const service = await startService(options, metrics);
    return {
      ...service,
      metricsPort: scrapes.port,
      async stop() {
        await service.stop();
        await scrapes.stop();
      },
    };
  } catch (error) {
    await scrapes.stop();
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
    handler: scrapeHandler({ scrape, failed }),
    tlsReloadFailed: failed,
  });
  log.info({ listen: `${host}:${server.port}` }, 'metrics listening');
  return server;
}
