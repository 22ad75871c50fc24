import { AppError } from '../access/errors.js';

/**
 * Of the four threads that Node has for it by default. Files are read in the same ones, so that as many
 * argon2 as there are guesses would keep git, readiness and everything else waiting.
 */
const AT_ONCE = 2;
/** Those that go first, and the others: a second or so of work each. */
const MAX_WAITING = 64;
const PATIENCE_MS = 5000;

/** For whoever has shown who they are, or got in from there before: waits for nobody who has not. */
export interface HashTurn {
  readonly goesFirst: boolean;
}

/** Runs a few hashes at a time; throws `unavailable` when too many wait, or for too long. */
export type HashQueue = <T>(turn: HashTurn, hash: () => Promise<T>) => Promise<T>;

export function createHashQueue(patienceMs = PATIENCE_MS): HashQueue {
  /** What starts each that waits, first come first. */
  const first = new Set<() => void>();
  const rest = new Set<() => void>();
  let running = 0;

  async function wait(queue: Set<() => void>): Promise<void> {
    if (queue.size >= MAX_WAITING) {
      throw busy();
    }
    await new Promise<void>((resolve, reject) => {
      function start(): void {
        clearTimeout(patience);
        queue.delete(start);
        resolve();
      }
      const patience = setTimeout(() => {
        queue.delete(start);
        reject(busy());
      }, patienceMs).unref();
      queue.add(start);
    });
  }

  function startNext(): void {
    const [next] = first.size > 0 ? first : rest;
    if (next === undefined) {
      running -= 1;
    } else {
      next();
    }
  }

  return async ({ goesFirst }, hash) => {
    if (running < AT_ONCE) {
      running += 1;
    } else {
      await wait(goesFirst ? first : rest);
    }
    try {
      return await hash();
    } finally {
      startNext();
    }
  };
}

function busy(): AppError {
  return new AppError('unavailable', 'Too many passwords are being checked. Try again soon.');
}
