import { AppError } from '../access/errors.js';

const TOO_MANY_CLONES = 'Too many clones are running. Try again in a moment.';
export const TOO_MANY_OBJECTS = 'Too many Git LFS objects are on their way. Try again in a moment.';

export interface SlotLimits {
  readonly maxProcesses: number;
  readonly maxQueue: number;
  readonly queueSeconds: number;
}

/**
 * Waits for a turn, in order; what it gives ends the turn. `who` has at most half of the places, and of
 * the queue. Throws `unavailable` when there is no room, or it takes too long.
 */
export type TakeSlot = (gone: AbortSignal, who: string) => Promise<() => void>;

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

interface Waiting {
  readonly who: string;
  readonly start: () => void;
}

/** Bounds how many run at once, of `git` programs for one, and how many requests wait for a place. */
export function createSlots(
  { maxProcesses, maxQueue, queueSeconds }: SlotLimits,
  full = TOO_MANY_CLONES,
): Slots {
  const mostOfOne = { running: Math.ceil(maxProcesses / 2), waiting: Math.ceil(maxQueue / 2) };
  /** First come first. */
  const waiting = new Set<Waiting>();
  /** By who has them: nobody is in it with none. */
  const running = new Map<string, number>();

  function runningOf(who: string): number {
    return running.get(who) ?? 0;
  }
  function numberRunning(): number {
    return Array.from(running.values()).reduce((sum, number) => sum + number, 0);
  }
  function waitingOf(who: string): number {
    return Array.from(waiting).filter((one) => one.who === who).length;
  }
  function hasPlace(who: string): boolean {
    return numberRunning() < maxProcesses && runningOf(who) < mostOfOne.running;
  }

  function enter(who: string): () => void {
    running.set(who, runningOf(who) + 1);
    return onceOnly(() => {
      const rest = runningOf(who) - 1;
      if (rest > 0) {
        running.set(who, rest);
      } else {
        running.delete(who);
      }
      startNext();
    });
  }

  function startNext(): void {
    Array.from(waiting)
      .find(({ who }) => hasPlace(who))
      ?.start();
  }

  async function wait(gone: AbortSignal, who: string): Promise<() => void> {
    return await new Promise((resolve, reject) => {
      const own = { who, start };
      function start(): void {
        leaveQueue();
        resolve(enter(who));
      }
      function giveUp(): void {
        leaveQueue();
        reject(new AppError('unavailable', full));
      }
      function leaveQueue(): void {
        waiting.delete(own);
        clearTimeout(patience);
        gone.removeEventListener('abort', giveUp);
      }
      // Not AbortSignal.any with a timeout: Node 20 may collect both while somebody waits for them.
      const patience = setTimeout(giveUp, queueSeconds * 1000).unref();
      gone.addEventListener('abort', giveUp);
      waiting.add(own);
      if (gone.aborted) {
        giveUp();
      }
    });
  }

  return {
    async take(gone, who) {
      if (hasPlace(who)) {
        return enter(who);
      }
      if (waiting.size >= maxQueue || waitingOf(who) >= mostOfOne.waiting) {
        throw new AppError('unavailable', full);
      }
      return await wait(gone, who);
    },
    load: () => ({ running: numberRunning(), waiting: waiting.size, limit: maxProcesses }),
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
