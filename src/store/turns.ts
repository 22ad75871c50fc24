import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurnOfLoop } from 'node:timers/promises';
import { AppError } from '../access/errors.js';
import { DatabaseAway, isOutage } from './database-errors.js';

/** Of one actor, those that wait and the one that runs. */
const MAX_IN_FLIGHT = 20;

/** Whose turn it is. */
export interface Turn {
  /** Who writes, such as `user:7`; null for Pullgate itself and its operator, who are not bounded. */
  readonly actor: string | null;
  /** For what takes something away: it waits for nothing that adds. */
  readonly goesFirst?: boolean;
}

export type InTurn = <T>(turn: Turn, work: () => Promise<T>) => Promise<T>;

interface Waiting {
  readonly actor: string | null;
  readonly run: () => Promise<void>;
}

/**
 * Runs one piece of work at a time. The actors take turns, each in the order of its own work, so that
 * whoever has much to write is in nobody else's way; past some, an actor's work is refused.
 *
 * Between two pieces the event loop turns, so that a job of thousands holds no request up.
 *
 * While the database is away nobody waits for a failure of their own: whoever stands behind one that
 * failed so has failed, too.
 */
export function turns(patienceMs: number): InTurn {
  const first = createRound();
  const rest = createRound();
  const inFlight = new Map<string | null, number>();
  let isRunning = false;
  let failure: { at: number; error: unknown } = { at: -Infinity, error: null };

  async function attempt<T>(work: () => Promise<T>, since: number): Promise<T> {
    if (failure.at > since) {
      throw failure.error;
    }
    if (performance.now() - since > patienceMs) {
      throw new DatabaseAway(`other writes took more than ${patienceMs} ms`);
    }
    try {
      return await work();
    } catch (error) {
      if (isOutage(error)) {
        failure = { at: performance.now(), error };
      }
      throw error;
    }
  }

  async function runAll(): Promise<void> {
    isRunning = true;
    for (let next = first.take() ?? rest.take(); next; next = first.take() ?? rest.take()) {
      await next.run();
      // What needs no input or output would go on without it: SQLite answers within the call.
      await nextTurnOfLoop();
    }
    isRunning = false;
  }

  function enter(actor: string | null): void {
    const count = inFlight.get(actor) ?? 0;
    if (actor !== null && count >= MAX_IN_FLIGHT) {
      throw new AppError(
        'rate_limited',
        `${MAX_IN_FLIGHT} of your changes are under way. Wait for one of them, and try again.`,
      );
    }
    inFlight.set(actor, count + 1);
  }

  function leave(actor: string | null): void {
    const count = inFlight.get(actor) ?? 0;
    if (count > 1) {
      inFlight.set(actor, count - 1);
    } else {
      inFlight.delete(actor);
    }
  }

  return async ({ actor, goesFirst = false }, work) => {
    enter(actor);
    const since = performance.now();
    try {
      return await new Promise((resolve, reject) => {
        const round = goesFirst ? first : rest;
        round.add({
          actor,
          run: async () => {
            await attempt(work, since).then(resolve, reject);
          },
        });
        if (!isRunning) {
          void runAll();
        }
      });
    } finally {
      leave(actor);
    }
  };
}

/** Who waits, by actor: the actor whose work was taken goes to the end. */
function createRound(): {
  readonly add: (work: Waiting) => void;
  readonly take: () => Waiting | undefined;
} {
  const byActor = new Map<string | null, Waiting[]>();
  return {
    add(work) {
      const queue = byActor.get(work.actor);
      if (queue === undefined) {
        byActor.set(work.actor, [work]);
      } else {
        queue.push(work);
      }
    },
    take() {
      const [next] = byActor;
      if (next === undefined) {
        return undefined;
      }
      const [actor, queue] = next;
      const work = queue.shift();
      byActor.delete(actor);
      if (queue.length > 0) {
        byActor.set(actor, queue);
      }
      return work;
    },
  };
}
