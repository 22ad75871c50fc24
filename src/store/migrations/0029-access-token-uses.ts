import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a personal access token was last used. In SQL, as migration 22. */
export class AccessTokenUses1700000000029 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE personal_access_tokens ADD COLUMN last_used_at bigint NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE personal_access_tokens DROP COLUMN last_used_at');
  }
}
