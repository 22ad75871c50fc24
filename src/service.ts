import { createApp } from './app.js';
import { runInBackground } from './background.js';
import { createSlots } from './git/slots.js';
import { listen } from './http/server.js';
import { openKeyRing, type KeyRingEvents } from './keys/key-ring.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics/metrics.js';
import { openRepositories, type Repositories } from './repositories/repositories.js';
import { removeOldAuditEvents } from './services/audit.js';
import { deployTokenCounts } from './services/deploy-token-counts.js';
import { trackDeployTokenUses } from './services/deploy-token-uses.js';
import type { Config } from './settings.js';
import { openCurrentStore, type Store } from './store/open-store.js';

/** How soon the first use of a deploy token shows, and how long to leave a failing database alone. */
const WRITE_USES_MS = 1000;
const WRITE_USES_FAILED_MS = 30_000;
const HOUR_MS = 60 * 60 * 1000;

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  readonly now: () => Date;
  /** The PATH to find git on. */
  readonly path: string;
  /** Bring the schema to this version first. On SQLite that is always done. */
  readonly migrate: boolean;
}

export interface Service {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly port: number;
  /** Running requests finish; the database and the keys are closed after them. */
  readonly stop: () => Promise<void>;
}

/**
 * Opens everything, in an order that fails before anything listens, and serves. Without metrics nothing
 * is measured.
 */
export async function startService(
  options: ServiceOptions,
  metrics: Metrics | null,
): Promise<Service> {
  const store = await openMigratedStore(options);
  try {
    return await serveOn(store, options, metrics);
  } catch (error) {
    await store.close();
    throw error;
  }
}

export async function openMigratedStore({
  config,
  log,
  migrate,
}: Pick<ServiceOptions, 'config' | 'log' | 'migrate'>): Promise<Store> {
  const { store, migrations } = await openCurrentStore(config.database, { migrate });
  if (migrations.length > 0) {
    log.info({ migrations }, 'database migrated');
  }
  return store;
}

async function serveOn(
  store: Store,
  { config, log, now, path }: ServiceOptions,
  metrics: Metrics | null,
): Promise<Service> {
  const { http, certs, signing } = config;
  const repositories = openRepositories(config.git.root, path);
  const uses = trackDeployTokenUses({ store, now });
  const gitSlots = createSlots(config.git);
  await repositories.checkRoot();
  const keys = await openKeyRing(
    { dir: certs.dir, algorithm: signing.algorithm, now },
    keyRingLog(log),
  );
  try {
    const server = await listen({
      ...http.listen,
      setting: 'http.listen',
      tls: http.tlsCert && http.tlsKey ? { cert: http.tlsCert, key: http.tlsKey } : null,
      handler: createApp({
        config,
        store,
        repositories,
        keys,
        uses,
        takeGitSlot: gitSlots.take,
        observeRequest: metrics?.observeRequest ?? ignore,
        log,
        now,
        path,
      }),
      tlsReloadFailed(error) {
        log.error(
          { err: error },
          'the changed TLS certificate cannot be used; going on with the one before',
        );
      },
    });
    metrics?.watch({
      signingKeyNotAfter: () => keys.current().notAfter,
      caNotAfter: keys.caNotAfter,
      tlsNotAfter: server.tlsNotAfter,
      pingDatabase: store.ping,
      poolLoad: store.poolLoad,
      countDeployTokens: deployTokenCounts({ store, now }),
      workers: http.workers,
      gitLoad: gitSlots.load,
    });
    const stopWritingUses = runInBackground({
      work: uses.writeDue,
      pauseMs: WRITE_USES_MS,
      failurePauseMs: WRITE_USES_FAILED_MS,
      failed(error) {
        metrics?.countFailedUseWrite();
        log.error({ err: error }, 'the last uses of deploy tokens could not be written');
      },
    });
    const stopForgetting = runInBackground({
      async work() {
        await removeOldAuditEvents({ store, now }, config.audit.retentionDays);
      },
      pauseMs: HOUR_MS,
      failurePauseMs: HOUR_MS,
      failed(error) {
        log.error({ err: error }, 'old audit events could not be removed');
      },
    });
    warnOfInsecurity(config, log);
    const gitProblem = await repositories.gitProblem();
    if (gitProblem !== null) {
      log.warn({}, gitProblem);
    }
    const { algorithm, libtrustKid, notAfter } = keys.current();
    log.info(
      {
        listen: `${http.listen.host}:${server.port}`,
        publicUrl: http.publicUrl,
        key: { algorithm, kid: libtrustKid, notAfter },
      },
      'listening',
    );
    return {
      store,
      repositories,
      port: server.port,
      async stop() {
        await server.stop();
        await stopForgetting();
        await stopWritingUses();
        await uses.writeAll().catch((error: unknown) => {
          log.error({ err: error }, 'the last uses of deploy tokens could not be written');
        });
        keys.close();
        await store.close();
        log.info({}, 'stopped');
      },
    };
  } catch (error) {
    keys.close();
    throw error;
  }
}

function ignore(): void {}

function keyRingLog(log: Log): KeyRingEvents {
  return {
    rotated(key) {
      log.info({ kid: key.libtrustKid, notAfter: key.notAfter }, 'signing key rotated');
    },
    failed(error) {
      log.error({ err: error }, 'signing keys cannot be read again; going on with those in use');
    },
  };
}

function warnOfInsecurity({ http }: Config, log: Log): void {
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(new URL(http.publicUrl).hostname);
  if (http.publicUrl.startsWith('http:') && !isLocal) {
    log.warn(
      { publicUrl: http.publicUrl },
      'secrets travel unencrypted: http.public_url is not https',
    );
  }
}
