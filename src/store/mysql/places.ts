import { performance } from 'node:perf_hooks';
import { DatabaseAway } from '../database-errors.js';

/** How long a server that had no connection left is not asked for another one. */
const FULL_MS = 1000;

/** It lies with those who hold the connections, and not with the host. */
export class NoPlace extends DatabaseAway {}

export interface PlacesOptions {
  readonly most: number;
  /** Who may wait for one; those past it are refused at once. */
  readonly queue: number;
  /** Called when somebody has to wait. */
  readonly wanted: () => void;
}

export interface Places {
  /** Throws NoPlace when none is free in time. */
  take(deadline: number): Promise<void>;
  leave(): void;
  /**
   * For who took one and got no connection, since the server has none left: those in use are all there
   * are, for a while. False where there are none in use to wait for.
   */
  serverIsFull(): boolean;
  used(): number;
  /** How many wait. */
  waiting(): number;
}

interface Waiter {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Places for connections to one host, taken in the order in which they were asked for. */
export function createPlaces({ most, queue, wanted }: PlacesOptions): Places {
  const waiters = new Set<Waiter>();
  let used = 0;
  let limit = most;
  let isFullUntil: NodeJS.Timeout | undefined;

  function letIn(): void {
    for (const waiter of waiters) {
      if (used >= limit) {
        return;
      }
      waiters.delete(waiter);
      clearTimeout(waiter.timer);
      used += 1;
      waiter.enter();
    }
  }

  async function wait(deadline: number): Promise<void> {
    if (waiters.size >= queue) {
      throw new NoPlace('too many statements wait for a connection');
    }
    const entered = new Promise<void>((enter, reject) => {
      const milliseconds = Math.max(0, deadline - performance.now());
      const waiter: Waiter = {
        enter,
        timer: setTimeout(() => {
          waiters.delete(waiter);
          reject(new NoPlace('no connection became free in time'));
        }, milliseconds),
      };
      waiters.add(waiter);
    });
    wanted();
    await entered;
  }

  return {
    async take(deadline) {
      if (used < limit && waiters.size === 0) {
        used += 1;
        return;
      }
      await wait(deadline);
    },
    leave() {
      used -= 1;
      letIn();
    },
    serverIsFull() {
      const others = used - 1;
      if (others === 0) {
        return false;
      }
      limit = Math.min(limit, others);
      clearTimeout(isFullUntil);
      isFullUntil = setTimeout(() => {
        limit = most;
        letIn();
      }, FULL_MS).unref();
      return true;
    },
    used: () => used,
    waiting: () => waiters.size,
  };
}
