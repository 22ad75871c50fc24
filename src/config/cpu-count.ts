import { availableParallelism } from 'node:os';

export const MAX_WORKERS = 64;

/** What `auto` stands for. */
export function cpuCount(): number {
  return Math.min(availableParallelism(), MAX_WORKERS);
}
