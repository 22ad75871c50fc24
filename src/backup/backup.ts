/** `pullgate backup`: database, keys and repositories in one folder, checked, while the service runs. */

import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../failure.js';
import { giveTreeToOwnerOf, makeFolder } from '../file-owner.js';
import { copyKeys, loadKeys } from '../keys/key-folder.js';
import { openRepositories } from '../repositories/repositories.js';
import type { DatabaseFile } from '../store/database.js';
import { databaseFile } from '../store/databases.js';
import { MANIFEST, writeManifest, type Manifest } from './manifest.js';
import { DATABASE, KEYS, REPOSITORIES, type Places, type Progress } from './places.js';

const DRAFT = 'new-';
const PARTS = [DATABASE, KEYS, REPOSITORIES];

export interface BackupOptions {
  /** For a database on a server: the operator dumps it. */
  readonly withoutDatabase: boolean;
  readonly now: Date;
  readonly progress: Progress;
}

/** Replaces an earlier backup in the folder, once the new one is whole. */
export async function makeBackup(
  places: Places,
  dir: string,
  { withoutDatabase, now, progress }: BackupOptions,
): Promise<Manifest> {
  const database = withoutDatabase ? null : await requireDatabaseFile(places);
  await makeFolder(dir, 0o700);
  await requireForBackups(dir);
  const draft = await mkdtemp(join(dir, DRAFT));
  try {
    // The database first, so that no project in it lacks its repository.
    progress('copying the database');
    if (database !== null) {
      await database.copyTo(join(draft, DATABASE));
      await (await databaseFile({ type: 'sqlite', file: join(draft, DATABASE) }))?.check();
    }
    progress('copying the keys');
    await copyKeys(places.keys.dir, join(draft, KEYS));
    await loadKeys({ ...places.keys, dir: join(draft, KEYS) });
    const repositories = await copyRepositories(places, {
      from: places.gitRoot,
      to: join(draft, REPOSITORIES),
      progress,
    });
    await giveTreeToOwnerOf(dir, draft);
    const manifest: Manifest = {
      format: 1,
      made_at: now.toISOString(),
      database: database === null ? 'none' : 'sqlite',
      repositories,
    };
    await replaceParts(dir, draft, manifest);
    return manifest;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** By git itself, which checks what it copies: history, branches and tags, of one moment each. */
export async function copyRepositories(
  { path }: Pick<Places, 'path'>,
  {
    from,
    to,
    progress,
  }: { readonly from: string; readonly to: string; readonly progress: Progress },
): Promise<number> {
  const source = openRepositories(from, path);
  const target = openRepositories(to, path);
  await target.checkRoot();
  const ids = await source.ids();
  for (const [index, id] of ids.entries()) {
    progress(`copying repository ${index + 1} of ${ids.length}`);
    const repository = await source.find(id);
    if (repository !== null) {
      const copy = await target.prepareCopy(repository);
      await copy.place(id);
    }
  }
  return ids.length;
}

async function requireDatabaseFile({ database }: Places): Promise<DatabaseFile> {
  const file = await databaseFile(database);
  if (file === null) {
    throw new CommandError(
      'The database is on a server. Dump it there, for example by `mysqldump --single-transaction ' +
        'pullgate > pullgate.sql`, and then run this again with --without-database, for the rest.',
    );
  }
  if (!(await file.exists())) {
    throw new CommandError(`There is no database at ${file.path}.`);
  }
  return file;
}

/** Nothing but a backup is ever replaced. */
async function requireForBackups(dir: string): Promise<void> {
  const names = await readdir(dir);
  const others = names.filter((name) => !name.startsWith(DRAFT));
  if (others.length > 0 && !others.includes(MANIFEST)) {
    throw new CommandError(`${dir} holds other things than a backup. Name an empty folder.`);
  }
  for (const left of names.filter((name) => name.startsWith(DRAFT))) {
    await rm(join(dir, left), { recursive: true, force: true });
  }
}

async function replaceParts(dir: string, draft: string, manifest: Manifest): Promise<void> {
  const old = join(draft, 'old');
  await mkdir(old);
  await rm(join(dir, MANIFEST), { force: true });
  for (const part of PARTS) {
    await rename(join(dir, part), join(old, part)).catch(unlessMissing);
    await rename(join(draft, part), join(dir, part)).catch(unlessMissing);
  }
  await writeManifest(dir, manifest);
  await giveTreeToOwnerOf(dir, join(dir, MANIFEST));
}

function unlessMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
    throw error;
  }
}
