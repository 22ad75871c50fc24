import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When an account was ended whose name stays on record. Written in SQL that both databases have: TypeORM makes
 * the whole table anew on SQLite, and with it forgets which ids were used.
 */
export class RemovedUsers1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users ADD COLUMN removed_at bigint NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE users DROP COLUMN removed_at');
  }
}
