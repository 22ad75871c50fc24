import type { DataSource, EntityManager } from 'typeorm';

type Work<T> = (manager: EntityManager) => Promise<T>;

/** Runs work as one transaction; on SQLite, only one may run at a time. */
export async function inTransaction<T>(db: DataSource, work: Work<T>): Promise<T> {
  return db.options.type === 'better-sqlite3'
    ? await onSqlite(db, work)
    : await db.transaction(work);
}

/**
 * Without TypeORM's count of nested transactions. When a disk is full, SQLite takes the transaction
 * back by itself; the ROLLBACK then fails, the count stays at one, and every later transaction is a
 * savepoint within one that nobody commits: answered as written, and gone with the process.
 */
async function onSqlite<T>(db: DataSource, work: Work<T>): Promise<T> {
  await db.query('BEGIN');
  try {
    const result = await work(db.manager);
    await db.query('COMMIT');
    return result;
  } catch (error) {
    await db.query('ROLLBACK').catch(() => {
      // SQLite was first. Were the transaction still open, the next BEGIN would say so.
    });
    throw error;
  }
}
