/** `pullgate restore`: puts a backup back. What was there is kept beside it. */

import { copyFile, chmod, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from '../failure.js';
import { giveTreeToOwnerOf, makeFolder } from '../file-owner.js';
import { copyKeys, KEY_FILE, loadKeys } from '../keys/key-folder.js';
import type { DatabaseFile } from '../store/database.js';
import { databaseFile } from '../store/databases.js';
import { copyRepositories } from './backup.js';
import { readManifest, type Manifest } from './manifest.js';
import { DATABASE, KEYS, putAside, REPOSITORIES, type Places, type Progress } from './places.js';

const REPOSITORY = /^\d+\.git$/;

export interface Restored {
  readonly manifest: Manifest;
  /** Part of the names of what was there before. */
  readonly aside: string;
}

/** The service must not run. Everything is checked before anything is moved. */
export async function restoreBackup(
  places: Places,
  dir: string,
  { now, progress }: { readonly now: Date; readonly progress: Progress },
): Promise<Restored> {
  const manifest = await readManifest(dir);
  const copy = await databaseFile({ type: 'sqlite', file: join(dir, DATABASE) });
  const database = await targetOf(places, manifest);
  progress('checking the backup');
  if (database !== null) {
    await copy?.check();
    await database.requireUnused();
  }
  await loadKeys({ ...places.keys, dir: join(dir, KEYS) });

  const aside = `before-restore-${now.toISOString().replaceAll(/[-:.]/g, '')}`;
  if (database !== null) {
    progress('restoring the database');
    await restoreDatabase(join(dir, DATABASE), database, aside);
  }
  progress('restoring the keys');
  await putAside(places.keys.dir, KEY_FILE, aside);
  await copyKeys(join(dir, KEYS), places.keys.dir);
  await loadKeys(places.keys);
  await putAside(places.gitRoot, REPOSITORY, aside);
  await copyRepositories(places, {
    from: join(dir, REPOSITORIES),
    to: places.gitRoot,
    progress,
  });
  return { manifest, aside };
}

/** Null where the backup has no database. */
async function targetOf({ database }: Places, manifest: Manifest): Promise<DatabaseFile | null> {
  if (manifest.database === 'none') {
    return null;
  }
  const file = await databaseFile(database);
  if (file === null) {
    throw new CommandError(
      'The backup holds a SQLite database, and database.url names one on a server: set it to the file.',
    );
  }
  return file;
}

/** Changes that a crash left beside the database would else be written into the one that is restored. */
async function restoreDatabase(from: string, database: DatabaseFile, aside: string): Promise<void> {
  const folder = dirname(database.path);
  const draft = `${database.path}.${aside}.new`;
  await makeFolder(folder, 0o700);
  await copyFile(from, draft);
  await chmod(draft, 0o600);
  await giveTreeToOwnerOf(folder, draft);
  await database.putAside(`.${aside}`);
  await rename(draft, database.path);
  await database.check();
}
