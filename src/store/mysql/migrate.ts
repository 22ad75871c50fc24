import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../../access/errors.js';
import { runPending } from '../migrate.js';

/** A change of a big table takes its time, and another replica may be making it already. */
const PATIENCE_MS = 10 * 60 * 1000;
const LOCK_POLL_MS = 100;
const NOT_SUPPORTED = 1235;

/** One connection holds the lock, one does the work. */
export const MIGRATION_LIMITS = { timeoutMs: PATIENCE_MS, poolSize: 2 };

const LockAnswer = z.tuple([z.object({ got: z.coerce.number() })]);

/**
 * MySQL commits every change of the schema by itself, so only one process may migrate. Closes the database
 * in the end.
 */
export async function migrateAlone(db: DataSource): Promise<string[]> {
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
