/** Takes away what programs that were killed have left below the folder of repositories. */

import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRepository, namesIn } from './folders.js';
import { LFS_INCOMING } from './lfs-objects.js';

export const DRAFT = 'draft-';
/** What git keeps the objects of a push in until the push is taken: see receive-pack in its source. */
const INCOMING = /^(?:tmp_objdir-)?incoming-/;
const ANY = /./;
const HOUR_MS = 60 * 60 * 1000;

/** Leaves alone what is younger than `pushSeconds`, the longest that a push may take, and an hour. */
export async function sweepLeftovers(root: string, pushSeconds: number): Promise<void> {
  const before = Date.now() - pushSeconds * 1000 - HOUR_MS;
  for (const name of await namesIn(root)) {
    if (name.startsWith(DRAFT)) {
      await removeIfOlder(join(root, name), before);
    } else if (isRepository(name)) {
      await sweepIn(join(root, name, 'objects'), INCOMING, before);
      await sweepIn(join(root, name, LFS_INCOMING), ANY, before);
    }
  }
}

async function sweepIn(folder: string, names: RegExp, before: number): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (names.test(name)) {
      await removeIfOlder(join(folder, name), before);
    }
  }
}

async function removeIfOlder(path: string, before: number): Promise<void> {
  const modified = await lstat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => Infinity,
  );
  if (modified < before) {
    await rm(path, { recursive: true, force: true });
  }
}
