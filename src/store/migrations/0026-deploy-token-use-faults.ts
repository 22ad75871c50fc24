import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was wrong with the secret at a deploy token's last use. In SQL that both databases have. */
export class DeployTokenUseFaults1700000000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deploy_token_uses ADD COLUMN fault varchar(32) NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE deploy_token_uses DROP COLUMN fault');
  }
}
