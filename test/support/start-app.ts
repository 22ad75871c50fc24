import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { pino } from 'pino';
import { loadConfig } from '../../src/config/load.js';
import { createLog } from '../../src/log.js';
import { startMeasuredService } from '../../src/process/metrics-listener.js';
import type { Service } from '../../src/process/start.js';
import type { PasswordCost } from '../../src/services/passwords.js';
import { LOW_COST } from './passwords.js';
import { endWalk } from './registry-inventory.js';
import { keepLog } from './run-evidence.js';
import { copyCa, copyDatabase, copyRepository } from './templates.js';

export interface TestApp {
  readonly service: Service;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Where `/-/metrics` is, for a test that sets PULLGATE_METRICS_LISTEN. */
  readonly metricsOrigin: string;
  readonly folder: string;
  /** The log so far, as it would stand on standard output. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

export interface TestAppOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly now?: () => Date;
  /** Keys to use as they are; otherwise new ones under the CA that the tests share. */
  readonly certsDir?: string;
  readonly passwordCost?: PasswordCost;
  /** What a walk through the registry has found, nothing by default; `unknown` when none has ended yet. */
  readonly registryHolds?: readonly string[] | 'unknown';
}

/** The whole service in this process, on a free port, with a throw-away folder for its state. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'pullgate-app-'));
  const certsDir = join(folder, 'certs');
  const database = join(folder, 'pullgate.db');
  await copyCa(certsDir);
  await copyDatabase(database);
  const { config } = await loadConfig({
    PULLGATE_CONFIG: await emptyFile(folder),
    PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
    PULLGATE_DATABASE_URL: `sqlite:${database}`,
    PULLGATE_CERTS_DIR: options.certsDir ?? certsDir,
    PULLGATE_GIT_ROOT: join(folder, 'git'),
    ...options.env,
  });
  let lines = '';
  const destination: pino.DestinationStream = {
    write(line) {
      lines += line;
    },
  };
  const service = await startMeasuredService({
    config,
    log: createLog('debug', destination),
    now: options.now ?? (() => new Date()),
    path: process.env['PATH'] ?? '',
    migrate: true,
    passwordCost: options.passwordCost ?? LOW_COST,
    initRepository: copyRepository,
  });
  const { registryHolds = [] } = options;
  if (registryHolds !== 'unknown') {
    await endWalk(service.store, registryHolds, options.now);
  }
  return {
    service,
    origin: `http://127.0.0.1:${service.port}`,
    metricsOrigin: `http://127.0.0.1:${service.metricsPort}`,
    folder,
    log: () => lines,
    async stop() {
      await service.stop();
      keepLog('service', lines);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function emptyFile(folder: string): Promise<string> {
  const file = join(folder, 'pullgate.yml');
  await writeFile(file, '');
  return file;
}
