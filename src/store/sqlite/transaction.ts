import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { isBusy } from './failures.js';

const PAUSE_MS = 10;

/**
 * Runs work as one transaction, without TypeORM's count of nested transactions. When a disk is full, SQLite
 * rolls the transaction back by itself; the ROLLBACK then fails, the count stays at one, and every later
 * transaction is a savepoint within one that nobody commits: it reports success, and is lost when the
 * process ends.
 */
export async function inTransaction<T>(
  db: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  patienceMs: number,
): Promise<T> {
  await begin(db, patienceMs);
  try {
    const result = await work(db.manager);
    await db.query('COMMIT');
    return result;
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {
      // SQLite has rolled back already. If it had not, the next BEGIN would fail.
    });
    throw error;
  }
}

/**
 * Takes the write lock at once, so that nothing later in the transaction waits for it. While another process
 * has it, this one asks again and again: SQLite itself would wait within the call, and every request with it.
 */
async function begin(db: DataSource, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await db.query('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) {
        throw error;
      }
    }
    await pause(PAUSE_MS * (1 + Math.random()));
  }
}
