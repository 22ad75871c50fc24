/**
 * What root makes on behalf of a service that is not root belongs to the owner of the folder it is in:
 * the service could otherwise not read it. Anybody else makes files of their own, as ever.
 *
 * That owner may change the folder meanwhile. Nothing here follows a link that was put there.
 */

import { execFile } from 'node:child_process';
import { lchown, mkdir, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Gives an open file to the owner of its folder. */
export async function giveToOwnerOf(folder: string, file: FileHandle): Promise<void> {
  const owner = await otherOwnerOf(folder);
  if (owner !== null) {
    await file.chown(owner.uid, owner.gid);
  }
}

/** Gives a folder with all that is in it to the owner of the folder around it. */
export async function giveTreeToOwnerOf(folder: string, tree: string): Promise<void> {
  const owner = await otherOwnerOf(folder);
  if (owner !== null) {
    // The program follows no link, whatever is put in its way: node cannot walk a tree so.
    await promisify(execFile)('chown', ['-RhP', `${owner.uid}:${owner.gid}`, '--', tree]);
  }
}

/** Makes a folder, and those above it that are missing; false when it was there. */
export async function makeFolder(path: string, mode: number): Promise<boolean> {
  const first = await mkdir(resolve(path), { recursive: true, mode });
  if (first === undefined) {
    return false;
  }
  const owner = await otherOwnerOf(dirname(first));
  if (owner !== null) {
    for (const folder of foldersBetween(first, resolve(path))) {
      await lchown(folder, owner.uid, owner.gid);
    }
  }
  return true;
}

/** Both ends included: one folder, or a chain of them, each in the one before. */
function foldersBetween(first: string, last: string): string[] {
  return first === last ? [last] : [...foldersBetween(first, dirname(last)), last];
}

/** Null when files need not be given away. */
async function otherOwnerOf(folder: string): Promise<Owner | null> {
  if (process.getuid?.() !== 0) {
    return null;
  }
  const { uid, gid } = await stat(folder);
  return uid === 0 ? null : { uid, gid };
}
