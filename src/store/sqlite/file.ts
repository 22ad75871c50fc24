import { access, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../../access/errors.js';
import { giveToOwnerOf } from '../../file-owner.js';
import type { DatabaseFile } from '../database.js';

const BUSY_MS = 5000;
/** What SQLite keeps beside a database that is in use, or whose last user was killed. */
const COMPANIONS = ['-wal', '-shm', '-journal'];
const QuickCheck = z.array(z.object({ quick_check: z.string() }));
const JournalMode = z.array(z.object({ journal_mode: z.string() }));

export function sqliteFile(path: string): DatabaseFile {
  const file = resolve(path);

  async function exists(): Promise<boolean> {
    return await isThere(file);
  }

  async function withConnection<T>(work: (db: DataSource) => Promise<T>): Promise<T> {
    const db = new DataSource({ type: 'better-sqlite3', database: file, timeout: BUSY_MS });
    await db.initialize();
    try {
      return await work(db);
    } finally {
      await db.destroy();
    }
  }

  return {
    path: file,
    exists,
    hasEndedUncleanly: async () => await isThere(`${file}-wal`),
    async check() {
      const problems = await withConnection(async (db) =>
        QuickCheck.parse(await db.query('PRAGMA quick_check')),
      ).catch((error: unknown) => [{ quick_check: String(error) }]);
      if (problems.some(({ quick_check: text }) => text !== 'ok')) {
        throw new AppError(
          'unavailable',
          `The database ${file} is damaged (${problems[0]?.quick_check ?? ''}). Restore a backup: ` +
            'pullgate restore DIR',
        );
      }
    },
    async copyTo(target) {
      // Made first, so that nobody else on the host reads it, not even for a moment.
      const handle = await open(target, 'wx', 0o600);
      await giveToOwnerOf(dirname(target), handle);
      await handle.close();
      await withConnection(async (db) => {
        await db.query('VACUUM INTO ?', [target]);
      });
    },
    async requireUnused() {
      if (!(await exists())) {
        return;
      }
      // Leaving the mode that the service uses takes being the only one who has the file open.
      const isUsed = await withConnection(async (db) => {
        const [mode] = JournalMode.parse(await db.query('PRAGMA journal_mode = DELETE'));
        return mode?.journal_mode !== 'delete';
      }).catch((error: unknown) => /locked|busy/i.test(String(error)));
      if (isUsed) {
        throw new AppError('conflict', `The database ${file} is in use. Stop the service first.`);
      }
    },
    async putAside(suffix) {
      for (const ending of ['', ...COMPANIONS]) {
        if (await isThere(file + ending)) {
          await rename(file + ending, `${file}${suffix}${ending}`);
        }
      }
    },
    async remove() {
      for (const ending of ['', ...COMPANIONS]) {
        await rm(file + ending, { force: true });
      }
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
