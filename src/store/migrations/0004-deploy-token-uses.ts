import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

/** When, where and how each deploy token was last used. */
export class DeployTokenUses1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'deploy_token_uses',
        columns: [
          { name: 'deploy_token_id', type: 'integer', isPrimary: true },
          { name: 'used_at', type: 'bigint' },
          { name: 'door', type: 'varchar', length: '16' },
          { name: 'address', type: 'varchar', length: '64' },
          { name: 'user_agent', type: 'varchar', length: '255' },
          { name: 'repository', type: 'varchar', length: '255', isNullable: true },
        ],
        foreignKeys: [
          {
            columnNames: ['deploy_token_id'],
            referencedTableName: 'deploy_tokens',
            referencedColumnNames: ['id'],
          },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('deploy_token_uses');
  }
}
