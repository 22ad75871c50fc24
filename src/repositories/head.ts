/** HEAD of a bare repository: the branch that a clone checks out. Read without starting a program. */

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gitEnvironment } from './git-environment.js';
import { repositoriesIn } from './folders.js';
import { HOOKS_FOLDER } from './hooks-folder.js';

const BRANCHES = 'refs/heads/';

/** The branch that HEAD names, whether or not there is one; null for a HEAD that names none. */
export async function branchOfHead(repository: string): Promise<string | null> {
  const head = await readText(join(repository, 'HEAD'));
  return /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? null;
}

export async function hasBranch(repository: string, name: string): Promise<boolean> {
  const loose = await readText(join(repository, BRANCHES, name));
  const packed = await readText(join(repository, 'packed-refs'));
  return loose !== '' || packed.split('\n').some((line) => line.endsWith(` ${BRANCHES}${name}`));
}

/** Whether there is neither a branch nor a tag. */
export async function hasNoReferences(repository: string): Promise<boolean> {
  const packed = await readText(join(repository, 'packed-refs'));
  return !/^[0-9a-f]{40}/m.test(packed) && !(await holdsFile(join(repository, 'refs')));
}

/** Points a HEAD that names no branch at one that is there, as each push does. */
export async function repairHead(repository: string, path: string): Promise<void> {
  const branch = await branchOfHead(repository);
  if (branch !== null && (await hasBranch(repository, branch))) {
    return;
  }
  if (!(await hasNoReferences(repository))) {
    const env = { ...gitEnvironment(path), GIT_DIR: repository };
    const running = promisify(execFile)(join(HOOKS_FOLDER, 'post-receive'), { env });
    running.child.stdin?.end();
    await running;
  }
}

/** The same in every repository, for pushes of before. */
export async function repairHeads(root: string, path: string): Promise<void> {
  for (const name of await repositoriesIn(root)) {
    await repairHead(join(root, name), path);
  }
}

/** Empty for a file that is not there. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whether there is a file anywhere below a folder; stops at the first one. */
async function holdsFile(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((entry) => entry.isFile())) {
    return true;
  }
  for (const entry of entries) {
    if (entry.isDirectory() && (await holdsFile(join(folder, entry.name)))) {
      return true;
    }
  }
  return false;
}
