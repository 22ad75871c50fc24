import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEGABYTE = 1_000_000;
const SAMPLE_MS = 250;

/** What `work` leaves behind on the heap, in whole megabytes. */
export async function megabytesKeptBy(work: () => Promise<void> | void): Promise<number> {
  const before = heapUsed();
  await work();
  return Math.round((heapUsed() - before) / MEGABYTE);
}

/** The end of a string of a megabyte: as long as it is there, so is the megabyte. */
export function endOfAMegabyte(text: string): string {
  return ('x'.repeat(MEGABYTE) + text).slice(MEGABYTE);
}

/** Counts the most megabytes that `work` adds to the buffers of this process, garbage left out. */
export async function watchBuffers<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly megabytes: number }> {
  const before = heldByBuffers();
  let most = before;
  function look(): void {
    most = Math.max(most, heldByBuffers());
  }
  // Not an interval: collecting garbage takes long, and the work has to get on in between.
  let next = setTimeout(function sample() {
    look();
    next = setTimeout(sample, SAMPLE_MS);
  }, SAMPLE_MS);
  try {
    const result = await work();
    look();
    return { result, megabytes: Math.round((most - before) / MEGABYTE) };
  } finally {
    clearTimeout(next);
  }
}

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function heldByBuffers(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}
