import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyFolder } from '../keys/key-folder.js';
import type { DatabaseLocation } from '../store/databases.js';

/** What a backup is of: where the service keeps it. */
export interface Places {
  readonly database: DatabaseLocation;
  readonly keys: KeyFolder;
  readonly gitRoot: string;
  /** The PATH to find git on. */
  readonly path: string;
}

/** What long work is at. */
export type Progress = (line: string) => void;

/** In a backup. */
export const DATABASE = 'pullgate.db';
export const KEYS = 'certs';
export const REPOSITORIES = 'git';

/** Moves what is called so into a folder beside it; nothing is made where there is nothing of the kind. */
export async function putAside(folder: string, kind: RegExp, into: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => kind.test(one))) {
    await mkdir(join(folder, into), { recursive: true, mode: 0o700 });
    await rename(join(folder, name), join(folder, into, name));
  }
}
