import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

/** How often each deploy token was used on each day. */
export class DeployTokenDays1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'deploy_token_days',
        columns: [
          { name: 'deploy_token_id', type: 'integer', isPrimary: true },
          { name: 'day', type: 'integer', isPrimary: true },
          { name: 'uses', type: 'bigint' },
        ],
        foreignKeys: [
          {
            columnNames: ['deploy_token_id'],
            referencedTableName: 'deploy_tokens',
            referencedColumnNames: ['id'],
          },
        ],
        indices: [{ name: 'deploy_token_days_by_day', columnNames: ['day'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('deploy_token_days');
  }
}
