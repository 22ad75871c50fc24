import { performance } from 'node:perf_hooks';
import { DatabaseAway, isOutage } from './database-errors.js';

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Runs one piece of work at a time, in the order of arrival. While the database is away nobody waits
 * for a failure of their own: whoever stands behind one that failed so has failed, too.
 */
export function turns(patienceMs: number): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  let failure: { at: number; error: unknown } = { at: -Infinity, error: null };

  async function take<T>(work: () => Promise<T>, since: number): Promise<T> {
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

  return async (work) => {
    const since = performance.now();
    const mine = last.then(async () => await take(work, since));
    last = mine.catch(() => {});
    return await mine;
  };
}
