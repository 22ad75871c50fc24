/** Jobs of thousands of rows, beside everything else. */

import { setTimeout as pause } from 'node:timers/promises';

/** Of rows, in one transaction: other writers get their turn in between, and a batch is a matter of milliseconds. */
const BATCH = 100;
/** In which the process does nothing of the job, however long that is. */
const PAUSE_MS = 10;

/** Does some, `limit` at most, until there are no more; `some` tells how many those were. */
export async function inBatches(
  some: (limit: number) => Promise<number>,
  stopping: AbortSignal,
): Promise<void> {
  while ((await some(BATCH)) === BATCH && !stopping.aborted) {
    await pause(PAUSE_MS);
  }
}
