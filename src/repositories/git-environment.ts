import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';

/** Of nice(2): what pulls images and serves pages goes before packing. */
const NICE = 10;

/** Of a git that was just started; all that it starts has the same. */
export function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) {
      setPriority(pid, NICE);
    }
  } catch {
    // It has ended already.
  }
}

/**
 * The whole environment of every `git` that Pullgate runs. Nothing of ours is inherited: a `GIT_DIR`
 * or `GIT_SSH_COMMAND` around the service must not reach it, nor a user's or the system's settings.
 */
export function gitEnvironment(path: string): Record<string, string> {
  return {
    PATH: path,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // A repository's own configuration could name a remote, with a program, to fetch from.
    GIT_NO_LAZY_FETCH: '1',
  };
}
