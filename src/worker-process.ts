import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { z } from 'zod';
import type { WorkerEnd, WorkerProcess } from './workers.js';

/** What a worker tells the primary. */
const WorkerReportSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('serving') }),
  z.object({ type: z.literal('failed'), reason: z.string() }),
]);
export type WorkerReport = z.infer<typeof WorkerReportSchema>;

const STOP_REQUEST = 'stop';

export function isStopRequest(message: unknown): boolean {
  return message === STOP_REQUEST;
}

/** Starts this program once more, with the same arguments, to serve on a socket that all workers share. */
export function forkWorker(): WorkerProcess {
  // The kernel hands out connections. Node's own way, in turn through the primary, makes each fresh
  // connection cost the primary as much as the worker: slower with two processes than with one.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  const worker = cluster.fork();
  // Of a channel that breaks while something is sent; the worker's end tells the rest.
  worker.on('error', () => undefined);
  let reason: string | null = null;
  const serving = new Promise<void>((resolve) => {
    worker.on('message', (message) => {
      const report = WorkerReportSchema.safeParse(message).data;
      if (report?.type === 'serving') {
        resolve();
      } else if (report?.type === 'failed') {
        ({ reason } = report);
      }
    });
  });
  return {
    id: worker.id,
    pid: worker.process.pid ?? 0,
    serving,
    exited: endOf(worker.process, () => reason),
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
