import { MigrationExecutor, type DataSource } from 'typeorm';
import { AppError } from '../access/errors.js';

/** Throws for a database of a newer version, whose rules this one does not know. */
export async function needsMigration(db: DataSource): Promise<boolean> {
  const executor = new MigrationExecutor(db);
  const known = new Set(db.migrations.map(({ name, constructor }) => name ?? constructor.name));
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

export async function runPending(db: DataSource): Promise<string[]> {
  return (await db.runMigrations({ transaction: 'each' })).map(({ name }) => name);
}
