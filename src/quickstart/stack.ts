import { join } from 'node:path';
import type { CliContext } from '../cli/context.js';
import { CommandError } from '../failure.js';
import { registryConfig } from '../config/registry-config.js';
import { CA_CERTIFICATE } from '../keys/key-folder.js';
import type { Log } from '../log.js';
import { startMeasuredService } from '../process/metrics-listener.js';
import type { Service } from '../process/start.js';
import type { Config } from '../config/schema.js';
import { registryInterface, withFreePorts } from './demo-addresses.js';
import { startStockRegistry, type StockRegistry } from './stock-registry.js';

export interface Stack {
  /** With the ports that are in fact in use. */
  readonly config: Config;
  readonly service: Service;
  readonly registry: StockRegistry;
  readonly stop: () => Promise<void>;
}

export interface StackOptions {
  readonly context: CliContext;
  readonly config: Config;
  readonly log: Log;
  /** Where the registry keeps its images. */
  readonly registryDir: string;
  /** Where a registry program that had to be downloaded is kept. */
  readonly cacheDir: string;
}

/** The service, and a stock registry that trusts it: configured with what `registry-config` prints. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { context, log } = options;
  const config = await withFreePorts(context, options.config);
  const registryAddress = new URL(`http://${config.registry.host}`);
  const path = context.env['PATH'] ?? '';
  const service = await startMeasuredService({
    config,
    log,
    now: context.now,
    path,
    migrate: true,
  });
  try {
    const registry = await startStockRegistry({
      host: config.registry.host,
      port: Number(registryAddress.port),
      listen: registryInterface(registryAddress.hostname),
      storageDir: options.registryDir,
      authSnippet: registryConfig(config, 'yaml'),
      caFile: join(config.certs.dir, CA_CERTIFICATE),
      cacheDir: options.cacheDir,
      path,
      say: context.progress,
    });
    return {
      config,
      service,
      registry,
      async stop() {
        await registry.stop();
        await service.stop();
      },
    };
  } catch (error) {
    await service.stop();
    throw new CommandError(error instanceof Error ? error.message : '', { cause: error });
  }
}
