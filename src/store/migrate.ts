import { setTimeout as pause } from 'node:timers/promises';
import { MigrationExecutor, type DataSource, type QueryRunner } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../access/errors.js';
import { MIGRATIONS } from './migrations/index.js';
import { openDatabase, whileOthersStart, type DatabaseSettings } from './open-database.js';

/** A change of a big table takes its time, and so may the replica that is at it already. */
const PATIENCE_MS = 10 * 60 * 1000;
/** One holds the lock, one does the work. */
const CONNECTIONS = 2;
const LOCK_POLL_MS = 100;
const NOT_SUPPORTED = 1235;

const LockAnswer = z.tuple([z.object({ got: z.coerce.number() })]);

/** Throws for a database of a newer version, whose rules this one does not know. */
export async function needsMigration(db: DataSource): Promise<boolean> {
  const known = new Set(MIGRATIONS.map(({ name }) => name));
  const executor = new MigrationExecutor(db);
  const newer = (await executor.getExecutedMigrations()).find(({ name }) => !known.has(name));
  if (newer !== undefined) {
    throw new AppError(
      'unavailable',
      `The database is of a newer version of Pullgate (${newer.name}). Run that version, or restore a ` +
        'backup from before it.',
    );
  }
  return (await executor.getPendingMigrations()).length > 0;
}

/** Names of the migrations that were run. Several processes may start at once: one of them migrates. */
export async function migrateDatabase(
  settings: DatabaseSettings,
  db: DataSource,
): Promise<string[]> {
  if (!(await needsMigration(db))) {
    return [];
  }
  return settings.url.type === 'sqlite'
    ? await migrateSqlite(db)
    : await migrateMysql({ ...settings, timeoutMs: PATIENCE_MS, poolSize: CONNECTIONS });
}

/**
 * Processes that open a new SQLite file together all find it empty, and all but one then fail to
 * create what is there by now. Each migration commits whole, so whoever failed just looks again.
 */
async function migrateSqlite(db: DataSource): Promise<string[]> {
  return await whileOthersStart(/already exists|locked/, async () => await runPending(db));
}

/** MySQL commits every change of the schema by itself, so nobody else may be at it. */
async function migrateMysql(settings: DatabaseSettings): Promise<string[]> {
  const { db } = await openDatabase(settings, []);
  const session = db.createQueryRunner();
  try {
    await takeLock(session);
    return await runPending(db);
  } finally {
    // The lock goes with the session.
    await session.release();
    await db.destroy();
  }
}

async function takeLock(session: QueryRunner): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await triesLock(session))) {
    if (Date.now() > deadline) {
      throw new AppError(
        'unavailable',
        'Another process has been migrating the database for long.',
      );
    }
    await pause(LOCK_POLL_MS);
  }
}

/** Galera knows no such locks: there, migrating is one job of the operator's (docs/operations.md). */
async function triesLock(session: QueryRunner): Promise<boolean> {
  try {
    const rows: unknown = await session.query(
      "SELECT GET_LOCK(CONCAT('pullgate-migration:', MD5(DATABASE())), 0) AS got",
    );
    return LockAnswer.parse(rows)[0].got === 1;
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === NOT_SUPPORTED) {
      return true;
    }
    throw error;
  }
}

async function runPending(db: DataSource): Promise<string[]> {
  return (await db.runMigrations({ transaction: 'each' })).map(({ name }) => name);
}
