import { setTimeout as pause } from 'node:timers/promises';

export interface BackgroundWork {
  /** What takes long ends soon after the signal. */
  readonly work: (stopping: AbortSignal) => Promise<void>;
  /** Until the first run; `pauseMs` where it is left out. */
  readonly firstPauseMs?: number;
  /** From the end of one run to the start of the next. */
  readonly pauseMs: number;
  /** The same after a run that failed. */
  readonly failurePauseMs: number;
  readonly failed: (error: unknown) => void;
}

/** Runs work over and over; gives back what stops it, once the run of the moment is over. */
export function runInBackground(task: BackgroundWork): () => Promise<void> {
  const stopping = new AbortController();
  const ended = runUntil(stopping.signal, task);
  return async () => {
    stopping.abort();
    await ended;
  };
}

async function runUntil(stop: AbortSignal, task: BackgroundWork): Promise<void> {
  let pauseMs = task.firstPauseMs ?? task.pauseMs;
  while (await isGoingOn(stop, pauseMs)) {
    try {
      await task.work(stop);
      pauseMs = task.pauseMs;
    } catch (error) {
      task.failed(error);
      pauseMs = task.failurePauseMs;
    }
  }
}

/** False at once when it is to stop during the pause. */
async function isGoingOn(signal: AbortSignal, milliseconds: number): Promise<boolean> {
  try {
    await pause(milliseconds, undefined, { signal, ref: false });
  } catch {
    // Only an abort ends a pause early.
  }
  return !signal.aborted;
}
