import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { loadConfig, readConfig } from '../config/load.js';
import { realmWarnings } from '../config/realm-warnings.js';
import { tokenRealm } from '../config/registry-url.js';
import { describeFailure } from '../failure.js';
import { openLog } from '../log.js';
import { metricsFor, startMeasuredService, withMetricsListener } from './metrics-listener.js';
import { createWorkerMetrics } from '../metrics/worker-metrics.js';
import { openMigratedStore, startService, type ServiceOptions } from './start.js';
import { prepareSetup, SETUP_LINK_HOURS } from '../services/first-administrator.js';
import { createGuessLedger } from '../services/guess-ledger.js';
import { databaseFile } from '../store/databases.js';
import type { Store } from '../store/open-store.js';
import { guessesOfPrimary } from './guess-ipc.js';
import { startWorkers, type WorkerProcess } from './workers.js';
import { forkWorker, isStopRequest, tellMetrics, type WorkerReport } from './worker-ipc.js';

export interface ServeContext {
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** Standard error: what is wrong, or odd, before there is a log. */
  readonly writeError: (text: string) => void;
}

/** Serves until SIGTERM or SIGINT, then lets running requests finish. A second signal ends it at once. */
export async function serve(
  context: ServeContext,
  { migrate }: Pick<ServiceOptions, 'migrate'>,
): Promise<void> {
  if (cluster.worker) {
    await serveAsWorker(context, cluster.worker);
    return;
  }
  // Before anything is started: a signal that comes while it is must not end us half-way.
  const stopped = stopSignal();
  const config = await readConfig(context);
  const { log, lostLines: lostLogLines, end: endLog } = openLog(config.log.level);
  const path = context.env['PATH'] ?? '';
  const options = { config, log, lostLogLines, now: context.now, path, migrate };
  try {
    await checkAfterUncleanEnd(options);
    const stop = await (config.http.workers === 1 ? serveAlone(options) : serveByWorkers(options));
    void warnOfRealm(options);
    const signal = await stopped;
    log.info({ signal }, 'stopping');
    await stop();
  } finally {
    await endLog();
  }
}

/** A file that a crash, or a copy made while it was in use, has damaged fails at some later request. */
async function checkAfterUncleanEnd({ config, log }: ServiceOptions): Promise<void> {
  const file = await databaseFile(config.database.url);
  if (file !== null && (await file.exists()) && (await file.hasEndedUncleanly())) {
    log.info(
      { database: file.path },
      'the database was not closed at the last end, and is checked',
    );
    await file.check();
  }
}

type Stop = () => Promise<void>;

async function serveAlone(options: ServiceOptions): Promise<Stop> {
  const service = await startMeasuredService(options);
  await announceSetup(service.store, options);
  return service.stop;
}

/** What must happen once, happens here; then this process only looks after its workers. */
async function serveByWorkers(options: ServiceOptions): Promise<Stop> {
  const metrics = createWorkerMetrics();
  const guesses = createGuessLedger();
  function fork(): WorkerProcess {
    const worker = forkWorker(guesses);
    metrics.follow(worker);
    return worker;
  }
  const { stop } = await withMetricsListener(
    options,
    metrics,
    async () => await startAllWorkers(options, fork),
  );
  return stop;
}

async function startAllWorkers(
  options: ServiceOptions,
  fork: () => WorkerProcess,
): Promise<{ readonly stop: Stop }> {
  const { config, log } = options;
  const store = await openMigratedStore(options);
  try {
    const workers = await startWorkers({ count: config.http.workers, fork, log });
    await announceSetup(store, options);
    return {
      async stop() {
        await workers.stop();
        log.info({}, 'stopped');
      },
    };
  } finally {
    await store.close();
  }
}

/**
 * A worker drains when the primary asks for it or when it gets a signal itself, and does so once: a
 * signal to the whole process group, such as Ctrl-C, reaches it both ways. It ends with the primary.
 */
async function serveAsWorker(context: ServeContext, worker: Worker): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
    process.on('message', (message) => isStopRequest(message) && resolve());
  });
  function report(message: WorkerReport, sent?: () => void): void {
    worker.send(message, sent);
  }
  try {
    const { config } = await loadConfig(context.env);
    const {
      log,
      lostLines: lostLogLines,
      end: endLog,
    } = openLog(config.log.level, {
      worker: worker.id,
    });
    const path = context.env['PATH'] ?? '';
    const guesses = await guessesOfPrimary({
      send: (message) => worker.send(message, () => undefined),
      receive: (listener) => process.on('message', listener),
    });
    const options = { config, log, lostLogLines, now: context.now, path, migrate: false, guesses };
    const metrics = metricsFor(options);
    if (metrics !== null) {
      tellMetrics(worker, metrics);
    }
    const service = await startService(options, metrics);
    report({ type: 'serving' });
    await stopped;
    await service.stop();
    await endLog();
    worker.disconnect();
  } catch (error) {
    // The primary tells it, as one clear line.
    report({ type: 'failed', reason: describeFailure(error) }, () => process.exit(1));
  }
}

/** Nobody waits for it: a name may take long to resolve. */
async function warnOfRealm({ config, log }: Pick<ServiceOptions, 'config' | 'log'>): Promise<void> {
  for (const warning of await realmWarnings(config)) {
    log.warn({ realm: tokenRealm(config) }, warning);
  }
}

/** Nobody can sign in to a fresh instance; this is its first way in. */
async function announceSetup(
  store: Store,
  { config, log, now }: Pick<ServiceOptions, 'config' | 'log' | 'now'>,
): Promise<void> {
  try {
    const setup = await prepareSetup({ store, now });
    if (setup !== null) {
      // The one secret that is meant for whoever reads the log: see docs/web.md.
      log.warn(
        {
          link: `${config.http.publicUrl}/-/setup/${setup.reveal()}`,
          validHours: SETUP_LINK_HOURS,
        },
        'no administrator yet: open this link to create the first one',
      );
    }
  } catch (error) {
    log.error({ err: error }, 'no link for the first administrator could be made');
  }
}

/** The first SIGTERM or SIGINT. A second one, of either, then does what it does to any program. */
export async function stopSignal(): Promise<string> {
  const first = new AbortController();
  try {
    return await Promise.race(
      ['SIGTERM', 'SIGINT'].map(async (signal) => {
        await once(process, signal, { signal: first.signal });
        return signal;
      }),
    );
  } finally {
    first.abort();
  }
}
