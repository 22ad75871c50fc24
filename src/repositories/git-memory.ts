/** What one git program may take of the memory: an object of a few kilobytes may unpack to gigabytes. */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

/** Of what a program may have: its largest object, and from which size on files are never held whole. */
const LARGEST_OBJECT = 1 / 4;
const LARGEST_HELD_FILE = 1 / 16;
/** Each has a stack and a window of its own. */
const MAX_THREADS = 4;

export interface GitMemory {
  readonly environment: Readonly<Record<string, string>>;
  /** Of git, as for `-c`. */
  readonly settings: readonly string[];
  /** The program to start with these arguments. */
  readonly command: (args: readonly string[]) => readonly [string, ...string[]];
}

/** `path` is the PATH to find programs on. Without prlimit, of util-linux, git's own limits hold alone. */
export function gitMemory(maxBytes: number, path: string): GitMemory {
  const hasPrlimit = path.split(delimiter).some((folder) => existsSync(join(folder, 'prlimit')));
  return {
    environment: { GIT_ALLOC_LIMIT: String(Math.floor(maxBytes * LARGEST_OBJECT)) },
    settings: [
      `core.bigFileThreshold=${Math.floor(maxBytes * LARGEST_HELD_FILE)}`,
      `pack.threads=${Math.min(availableParallelism(), MAX_THREADS)}`,
    ],
    // What it writes to, and not what it maps of its packs, which the system can take back.
    command: (args) =>
      hasPrlimit ? ['prlimit', `--data=${maxBytes}`, '--', 'git', ...args] : ['git', ...args],
  };
}
