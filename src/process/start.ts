import { MAX_COMPONENTS } from '../access/project.js';
import type { Config } from '../config/schema.js';
import { createSlots, TOO_MANY_OBJECTS, type TakeSlot } from '../git/slots.js';
import type { Handler } from '../http/handler.js';
import { listen, type ListeningServer } from '../http/server.js';
import { openKeyRing, type KeyRingEvents } from '../keys/key-ring.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics/metrics.js';
import { openLfsObjects } from '../repositories/lfs-objects.js';
import {
  initByGit,
  openRepositories,
  type InitRepository,
  type Repositories,
} from '../repositories/repositories.js';
import { createCredentialLimits } from '../services/credential-limits.js';
import type { GuessLedger } from '../services/guess-ledger.js';
import { caProblem, knownCa, rememberCa } from '../services/known-ca.js';
import { createPasswords, type PasswordCost } from '../services/passwords.js';
import { openCurrentStore, type Store } from '../store/open-store.js';
import { runInBackground } from './background.js';
import { compose } from './compose.js';
import type { Parts } from './parts.js';
import { markKeeper, warnOfRewind } from './mark-keeper.js';
import { watchReadiness } from './readiness.js';

export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  /** How many lines of it nobody read; for the metrics. */
  readonly lostLogLines?: () => number;
  readonly now: () => Date;
  /** The PATH to find git on. */
  readonly path: string;
  /** Bring the schema to this version first. On SQLite that is always done. */
  readonly migrate: boolean;
  /** Where wrong passwords are counted, if other processes count there too. */
  readonly guesses?: GuessLedger;
  /** What a test makes cheaper: hashing a password, and starting git for an empty repository. */
  readonly passwordCost?: PasswordCost;
  readonly initRepository?: InitRepository;
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
  { config, log, now, path, guesses, passwordCost, initRepository }: ServiceOptions,
  metrics: Metrics | null,
): Promise<Service> {
  const gitSlots = createSlots(config.git);
  const lfsSlots = createSlots(
    { ...config.git, maxProcesses: config.git.maxLfsTransfers },
    TOO_MANY_OBJECTS,
  );
  const lfsObjects = openLfsObjects(config.git.root);
  const init = initInTurn(gitSlots.take, initRepository ?? initByGit(path));
  const repositories = openRepositories(config.git.root, path, init);
  const passwords = createPasswords(passwordCost);
  await repositories.checkRoot();
  const keys = await openKeyRing(
    {
      dir: config.certs.dir,
      algorithm: config.signing.algorithm,
      now,
      knownCa: await knownCa(store),
    },
    keyRingLog(log),
  );
  try {
    await rememberCa(store, keys.caFingerprint());
    await warnOfRewind({ config, store, now, log });
    const limits = createCredentialLimits(guesses);
    const { gitProblem } = repositories;
    const readiness = watchReadiness({
      pingDatabase: store.ping,
      caProblem: async () => await caProblem(store, keys.caFingerprint()),
      gitProblem,
      writeProblem: () => store.lastWrite().problem,
    });
    await readiness.check();
    const hasDeepProjects = await store.projects.hasDeeperThan(MAX_COMPONENTS);
    const mark = markKeeper({ config, store, now });
    const doors = { gitSlots, lfsSlots, lfsObjects, readiness, mark, hasDeepProjects };
    const opened = { store, repositories, keys, passwords, limits, metrics, ...doors };
    const parts = { config, ...opened, log, now, path };
    const { handler, background, state, writeLast } = compose(parts);
    const server = await listenForRequests(config, handler, log);
    metrics?.watch({ ...state, tlsNotAfter: server.tlsNotAfter });
    const stopsOfBackground = background.map(runInBackground);
    logStart(parts, server);
    return {
      store,
      repositories,
      port: server.port,
      async stop() {
        await server.stop();
        for (const stop of stopsOfBackground) {
          await stop();
        }
        await writeLast();
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

/** Whoever makes many projects at once starts no more programs than whoever clones. */
function initInTurn(takeSlot: TakeSlot, init: InitRepository): InitRepository {
  return async (folder, forWhom) => {
    const release = await takeSlot(new AbortController().signal, forWhom);
    try {
      await init(folder, forWhom);
    } finally {
      release();
    }
  };
}

async function listenForRequests(
  { http }: Config,
  handler: Handler,
  log: Log,
): Promise<ListeningServer> {
  return await listen({
    ...http.listen,
    setting: 'http.listen',
    maxConnections: http.maxConnections,
    tls: http.tlsCert && http.tlsKey ? { cert: http.tlsCert, key: http.tlsKey } : null,
    handler,
    tlsReloadFailed(error) {
      log.error(
        { err: error },
        'the changed TLS certificate cannot be used; going on with the one before',
      );
    },
  });
}

function logStart({ config, keys, readiness, log }: Parts, { port }: ListeningServer): void {
  const { http } = config;
  warnOfInsecurity(config, log);
  const { git } = readiness.current();
  if (git !== null) {
    log.warn({}, git);
  }
  for (const damaged of keys.damaged()) {
    log.warn({}, `${damaged}; going on with another signing key`);
  }
  const { algorithm, libtrustKid, notAfter } = keys.current();
  log.info(
    {
      listen: `${http.listen.host}:${port}`,
      publicUrl: http.publicUrl,
      key: { algorithm, kid: libtrustKid, notAfter },
    },
    'listening',
  );
}

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
