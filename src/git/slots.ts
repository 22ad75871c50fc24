import { AppError } from '../access/errors.js';

export interface SlotLimits {
  readonly maxProcesses: number;
  readonly maxQueue: number;
  readonly queueSeconds: number;
}

/** Waits for a turn, in order; what it gives ends the turn. Throws `unavailable` when that takes too long. */
export type TakeSlot = (gone: AbortSignal) => Promise<() => void>;

export interface Slots {
  readonly take: TakeSlot;
  readonly load: () => SlotLoad;
}

export interface SlotLoad {
  readonly running: number;
  readonly waiting: number;
  /** How many may run at once. */
  readonly limit: number;
}

/** Bounds how many `git` programs run at once, and how many requests wait for one. */
export function createSlots({ maxProcesses, maxQueue, queueSeconds }: SlotLimits): Slots {
  /** What starts each waiting request, first come first. */
  const waiting = new Set<() => void>();
  let running = 0;

  function release(): void {
    const [startNext] = waiting;
    if (startNext === undefined) {
      running -= 1;
    } else {
      startNext();
    }
  }

  async function wait(gone: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      function start(): void {
        leaveQueue();
        resolve();
      }
      function giveUp(): void {
        leaveQueue();
        reject(busy());
      }
      function leaveQueue(): void {
        waiting.delete(start);
        clearTimeout(patience);
        gone.removeEventListener('abort', giveUp);
      }
      // Not AbortSignal.any with a timeout: Node 20 may collect both while somebody waits for them.
      const patience = setTimeout(giveUp, queueSeconds * 1000).unref();
      gone.addEventListener('abort', giveUp);
      waiting.add(start);
      if (gone.aborted) {
        giveUp();
      }
    });
  }

  return {
    async take(gone) {
      if (running < maxProcesses) {
        running += 1;
      } else if (waiting.size < maxQueue) {
        await wait(gone);
      } else {
        throw busy();
      }
      return onceOnly(release);
    },
    load: () => ({ running, waiting: waiting.size, limit: maxProcesses }),
  };
}

function onceOnly(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) {
      isDone = true;
      action();
    }
  };
}

function busy(): AppError {
  return new AppError('unavailable', 'Too many clones are running. Try again in a moment.');
}
