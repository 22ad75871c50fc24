/**
 * The metrics of several worker processes as those of one. Sums only ever grow: what a worker counted
 * stays counted after its end, or Prometheus would take the drop for a restart and count the rest again.
 */

import { AggregatorRegistry, type Registry } from 'prom-client';
import { z } from 'zod';

/** All metrics of a process, as `Metrics.snapshot` gives them and as they come through a channel. */
export const SnapshotSchema = z.array(z.looseObject({ name: z.string(), type: z.string() }));
export type Snapshot = z.infer<typeof SnapshotSchema>;

export interface MeasuredWorker {
  /** Null when it does not answer in time. */
  readonly metrics: () => Promise<Snapshot | null>;
  readonly exited: Promise<unknown>;
}

export interface WorkerMetrics {
  /** Takes a new worker in, until it has ended. */
  readonly follow: (worker: MeasuredWorker) => void;
  readonly scrape: () => Promise<string>;
}

export function createWorkerMetrics(): WorkerMetrics {
  /** What each one told last. */
  const running = new Map<MeasuredWorker, Snapshot>();
  let ended: Snapshot = [];

  async function refresh(worker: MeasuredWorker): Promise<void> {
    const told = await worker.metrics();
    const known = running.get(worker);
    if (known !== undefined) {
      // Of one that is silent nothing is known to be so now; but what it counted was counted.
      running.set(worker, told ?? countersOf(known));
    }
  }

  async function followToItsEnd(worker: MeasuredWorker): Promise<void> {
    running.set(worker, []);
    await worker.exited;
    ended = SnapshotSchema.parse(
      addUp([ended, countersOf(running.get(worker) ?? [])]).getMetricsAsArray(),
    );
    running.delete(worker);
  }

  return {
    follow(worker) {
      void followToItsEnd(worker);
    },
    async scrape() {
      await Promise.all(Array.from(running.keys(), refresh));
      return await addUp([...running.values(), ended]).metrics();
    },
  };
}

function countersOf(snapshot: Snapshot): Snapshot {
  return snapshot.filter(({ type }) => type === 'counter' || type === 'histogram');
}

function addUp(snapshots: Snapshot[]): Registry {
  return AggregatorRegistry.aggregate(snapshots);
}
