/** Looks at the way over the registry now and then, as `pullgate doctor` does. */

import { examine, isPathOpen, type Finding } from '../doctor/examine.js';
import { loadKeys } from '../keys/key-folder.js';
import type { BackgroundWork } from './background.js';
import type { Parts } from './parts.js';

/** A registry that starts beside this is given so long. */
const FIRST_MS = 5000;
const PAUSE_MS = 5 * 60 * 1000;

export interface PathWatch {
  /** Null until it was looked at. */
  readonly isOpen: () => boolean | null;
  /** What was found the last time. */
  readonly findings: () => readonly Finding[] | null;
  readonly background: BackgroundWork;
}

export type Examine = (stopping: AbortSignal) => Promise<readonly Finding[]>;

/** What is found is a warning each time it is new, and never a reason not to serve. */
export function watchPath({ log }: Pick<Parts, 'log'>, look: Examine): PathWatch {
  let last: readonly Finding[] | null = null;

  async function work(stopping: AbortSignal): Promise<void> {
    const found = await look(stopping);
    if (stopping.aborted) {
      return;
    }
    const known = new Set((last ?? []).map(({ problem }) => problem));
    for (const { check, problem, clients, change } of found) {
      if (!known.has(problem)) {
        log.warn({ check, clients, change }, problem);
      }
    }
    if (last !== null && !isPathOpen(last) && isPathOpen(found)) {
      log.info({}, 'the registry takes what is signed here, and clients find the way');
    }
    last = found;
  }

  return {
    isOpen: () => (last === null ? null : isPathOpen(last)),
    findings: () => last,
    background: {
      work,
      firstPauseMs: FIRST_MS,
      pauseMs: PAUSE_MS,
      failurePauseMs: PAUSE_MS,
      failed(error) {
        log.error({ err: error }, 'the way over the registry could not be looked at');
      },
    },
  };
}

export function examinePath({ config, store, repositories, now }: Parts): Examine {
  const { certs, signing } = config;
  return async (signal) =>
    await examine({
      config,
      now,
      signal,
      loadKeys: async () => await loadKeys({ dir: certs.dir, algorithm: signing.algorithm, now }),
      readInstance: async () => await store.instance.read(),
      // Told at the start, once: nobody can change it while the service runs.
      realmWarnings: async () => await Promise.resolve([]),
      gitProblem: repositories.gitProblem,
      registryFile: null,
    });
}
