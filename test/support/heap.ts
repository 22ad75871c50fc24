import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEGABYTE = 1_000_000;

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

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
  return process.memoryUsage().heapUsed;
}
