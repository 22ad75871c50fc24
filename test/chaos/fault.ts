import { run } from '../support/run.js';

export interface FaultReport {
  /** What was done, with its numbers. */
  readonly did: string;
  /** Promises that were broken: an acknowledged write that is gone, a revoked token that is let in. */
  readonly lost: number;
}

export interface Fault {
  readonly name: string;
  /** Takes minutes: for the command, and not for every run of the tests. */
  readonly isLong?: true;
  /** Throws when the service does not stand it, or does not recover. */
  readonly happen: () => Promise<FaultReport>;
}

/** Limits of a running process, so that neither root nor a file system of one's own is needed. */
export async function limit(pid: number, setting: string): Promise<void> {
  const { code, output } = await run('prlimit', [`--pid=${pid}`, setting]);
  if (code !== 0) {
    throw new Error(`prlimit ${setting}: ${output}`);
  }
}
