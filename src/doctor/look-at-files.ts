/** Owner and modes of what the service reads and others must not. */

import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isReadableByAll } from '../config/readable-by-all.js';
import type { Config } from '../config/schema.js';
import { CA_CERTIFICATE, KEY_FILE } from '../keys/key-folder.js';
import type { FileFault } from './observations.js';

export async function lookAtFiles({
  certs,
  database,
  git,
}: Pick<Config, 'certs' | 'database' | 'git'>): Promise<readonly FileFault[]> {
  const keys = (await namesIn(certs.dir)).filter((name) => KEY_FILE.test(name));
  const { url } = database;
  const secret = [
    ...keys.filter((name) => name !== CA_CERTIFICATE).map((name) => join(certs.dir, name)),
    ...('file' in url && url.file !== ':memory:' ? [url.file] : []),
  ];
  const repositories = (await namesIn(git.root)).map((name) => join(git.root, name));
  return [
    ...(await faultsOf([join(certs.dir, CA_CERTIFICATE), ...secret, ...repositories], isOfOthers)),
    ...(await faultsOf(secret, isOpenToOthers)),
  ];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  // What is missing is told by whoever needs it.
  return await readdir(folder).catch(() => []);
}

type Look = (path: string) => Promise<FileFault | null>;

async function faultsOf(paths: readonly string[], look: Look): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const path of paths) {
    const fault = await look(path).catch(() => null);
    if (fault !== null) {
      faults.push(fault);
    }
  }
  return faults;
}

/** Made by root, for example, in a folder of the service, which cannot read it then. */
async function isOfOthers(path: string): Promise<FileFault | null> {
  const [file, folder] = await Promise.all([stat(path), stat(dirname(path))]);
  const isReadable =
    folder.uid === 0 ||
    file.uid === folder.uid ||
    (file.mode & 0o004) !== 0 ||
    (file.gid === folder.gid && (file.mode & 0o040) !== 0);
  return isReadable ? null : { path, fault: 'other-owner', owner: folder.uid };
}

async function isOpenToOthers(path: string): Promise<FileFault | null> {
  return (await isReadableByAll(path))
    ? { path, fault: 'readable-by-others', owner: (await stat(dirname(path))).uid }
    : null;
}
