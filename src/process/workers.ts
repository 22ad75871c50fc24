import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../access/errors.js';
import type { Log } from '../log.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export interface WorkerEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** What the worker said of it; null when it said nothing. */
  readonly reason: string | null;
}

export interface WorkerProcess {
  readonly id: number;
  readonly pid: number;
  /** Settles once it answers requests; never, if it ends before. */
  readonly serving: Promise<void>;
  readonly exited: Promise<WorkerEnd>;
  /** Lets its running requests finish, then ends it. */
  readonly stop: () => void;
}

export interface WorkersOptions {
  readonly count: number;
  readonly fork: () => WorkerProcess;
  readonly log: Log;
  /** Waits that long, or until the signal is aborted. */
  readonly pause?: (milliseconds: number, stopping: AbortSignal) => Promise<void>;
}

export interface Workers {
  /** Every worker lets its running requests finish; settles when all have ended. */
  readonly stop: () => Promise<void>;
}

/**
 * Keeps `count` workers running. Throws what the first one said if it cannot serve: then nothing is
 * left running. Later, one that ends is replaced: soon if it served, however often it is killed, and after a
 * pause that grows while none comes to serve.
 */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { count, fork, log } = options;
  const stopping = new AbortController();
  const running = new Set<WorkerProcess>();

  function start(): WorkerProcess {
    const worker = fork();
    running.add(worker);
    void worker.exited.then(() => running.delete(worker));
    log.info({ worker: worker.id, pid: worker.pid }, 'worker started');
    return worker;
  }

  // One alone before the others: a port in use or a broken certificate is one failure, not many.
  const first = start();
  const end = await Promise.race([first.serving, first.exited]);
  if (end) {
    throw new AppError('unavailable', end.reason ?? `The service ${endText(end)} at its start.`);
  }
  const workers = [first, ...Array.from({ length: count - 1 }, start)];
  const kept = workers.map(async (worker) => {
    await keepRunning(worker, start, { ...options, stopping: stopping.signal });
  });
  await Promise.all(workers.map(({ serving, exited }) => Promise.race([serving, exited])));
  log.info({ workers: count }, 'workers serve');

  return {
    async stop() {
      stopping.abort();
      for (const worker of running) {
        worker.stop();
      }
      await Promise.all(kept);
    },
  };
}

/** Until it is stopped: waits for the worker's end, and has the next one started. */
async function keepRunning(
  worker: WorkerProcess,
  start: () => WorkerProcess,
  {
    log,
    stopping,
    pause = pauseUnlessStopping,
  }: Omit<WorkersOptions, 'count' | 'fork'> & { readonly stopping: AbortSignal },
): Promise<void> {
  let pauseMs = 0;
  for (let current = worker; ; current = start()) {
    const [end, hasServed] = await lifeOf(current);
    if (stopping.aborted) {
      return;
    }
    pauseMs = nextPause(pauseMs, hasServed);
    log.error({ worker: current.id, pid: current.pid, ...end, pauseMs }, 'worker ended');
    await pause(pauseMs, stopping);
    if (stopping.aborted) {
      return;
    }
  }
}

async function lifeOf({ serving, exited }: WorkerProcess): Promise<[WorkerEnd, boolean]> {
  const endedUnserved = exited.then(() => false);
  const hasServed = await Promise.race([serving.then(() => true), endedUnserved]);
  return [await exited, hasServed];
}

/** How long to wait before the next worker, given the wait before this one. */
function nextPause(lastMs: number, hasServed: boolean): number {
  return hasServed || lastMs === 0 ? FIRST_PAUSE_MS : Math.min(lastMs * 2, LONGEST_PAUSE_MS);
}

async function pauseUnlessStopping(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}

function endText({ code, signal }: WorkerEnd): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}
