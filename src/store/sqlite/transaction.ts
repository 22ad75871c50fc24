import type { DataSource, EntityManager } from 'typeorm';

/**
 * Runs work as one transaction, without TypeORM's count of nested transactions. When a disk is full, SQLite
 * rolls the transaction back by itself; the ROLLBACK then fails, the count stays at one, and every later
 * transaction is a savepoint within one that nobody commits: it reports success, and is lost when the
 * process ends.
 */
export async function inTransaction<T>(
  db: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  await db.query('BEGIN');
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
