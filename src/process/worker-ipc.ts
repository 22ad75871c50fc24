import type { ChildProcess } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { z } from 'zod';
import type { Metrics } from '../metrics/metrics.js';
import { SnapshotSchema, type MeasuredWorker, type Snapshot } from '../metrics/worker-metrics.js';
import type { GuessLedger } from '../services/guess-ledger.js';
import { answerGuesses } from './guess-ipc.js';
import type { WorkerEnd, WorkerProcess } from './workers.js';

/** What a worker tells the primary. */
const WorkerReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('serving') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
  z.object({ type: z.literal('metrics'), question: z.int(), snapshot: SnapshotSchema }),
]);
export type WorkerReport = z.infer<typeof WorkerReportSchema>;

const STOP_REQUEST = 'stop';
const MetricsRequestSchema = z.object({ type: z.literal('metrics'), question: z.int() });

/** A scrape waits no longer for a worker that hangs; Prometheus itself waits ten seconds. */
const METRICS_TIMEOUT_MS = 2000;

let lastQuestion = 0;

export function isStopRequest(message: unknown): boolean {
  return message === STOP_REQUEST;
}

/** In a worker: answers the primary when it asks for metrics. */
export function tellMetrics(worker: Worker, metrics: Metrics): void {
  async function answer(question: number): Promise<void> {
    const report = { type: 'metrics', question, snapshot: await metrics.snapshot() };
    // A primary that has gone asks no more.
    worker.send(report, () => undefined);
  }
  process.on('message', (message) => {
    const request = MetricsRequestSchema.safeParse(message).data;
    if (request !== undefined) {
      // What cannot be told is as if this worker hung: the others still tell theirs.
      answer(request.question).catch(() => undefined);
    }
  });
}

/**
 * Starts this program once more, with the same arguments, to serve on a socket that all workers share.
 * Their guesses are counted in one ledger.
 */
export function forkWorker(guesses: GuessLedger): WorkerProcess & MeasuredWorker {
  // The kernel hands out connections. Node's own way, in turn through the primary, makes each fresh
  // connection cost the primary as much as the worker: slower with two processes than with one.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const worker = cluster.fork();
  // Of a channel that breaks while something is sent; the worker's end tells the rest.
  worker.on('error', () => undefined);
  const giveBackGuesses = answerGuesses(
    {
      send: (message) => worker.send(message, () => undefined),
      receive: (listener) => worker.on('message', listener),
    },
    guesses,
  );
  worker.process.once('exit', giveBackGuesses);
  let reason: string | null = null;
  const questions = new Map<number, (answer: Snapshot) => void>();
  const serving = new Promise<void>((resolve) => {
    worker.on('message', (message) => {
      const report = WorkerReportSchema.safeParse(message).data;
      if (report?.type === 'serving') {
        resolve();
      } else if (report?.type === 'failed') {
        ({ reason } = report);
      } else if (report?.type === 'metrics') {
        questions.get(report.question)?.(report.snapshot);
      }
    });
  });
  return {
    id: worker.id,
    pid: worker.process.pid ?? 0,
    serving,
    exited: endOf(worker.process, () => reason),
    async metrics() {
      if (!worker.isConnected()) {
        return null;
      }
      lastQuestion += 1;
      const question = lastQuestion;
      try {
        return await new Promise<Snapshot | null>((resolve) => {
          questions.set(question, resolve);
          setTimeout(resolve, METRICS_TIMEOUT_MS, null).unref();
          worker.send({ type: 'metrics', question });
        });
      } finally {
        questions.delete(question);
      }
    },
    stop() {
      if (worker.isConnected()) {
        worker.send(STOP_REQUEST);
      }
    },
  };
}

const ExitArguments = z.tuple([z.int().nullable(), z.string().nullable()]);

async function endOf(child: ChildProcess, reason: () => string | null): Promise<WorkerEnd> {
  const [code, signal] = ExitArguments.parse(await once(child, 'exit'));
  if (child.connected) {
    // What it said last may still be on its way.
    await once(child, 'disconnect');
  }
  return { code, signal, reason: reason() };
}
