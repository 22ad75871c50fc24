import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who did what to what, from where. */
export class AuditEvents1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'audit_events',
        columns: [
          {
            name: 'id',
            type: 'integer',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'at', type: 'bigint' },
          { name: 'action', type: 'varchar', length: '64' },
          { name: 'actor_id', type: 'integer', isNullable: true },
          { name: 'actor', type: 'varchar', length: '255' },
          { name: 'project_id', type: 'integer', isNullable: true },
          { name: 'project_path', type: 'varchar', length: '255', isNullable: true },
          { name: 'subject_id', type: 'integer', isNullable: true },
          { name: 'subject', type: 'varchar', length: '255' },
          { name: 'detail', type: 'varchar', length: '255' },
          { name: 'door', type: 'varchar', length: '16' },
          { name: 'address', type: 'varchar', length: '64', isNullable: true },
          { name: 'request_id', type: 'varchar', length: '64', isNullable: true },
        ],
        indices: [
          { name: 'audit_events_by_project', columnNames: ['project_id', 'id'] },
          { name: 'audit_events_by_time', columnNames: ['at'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('audit_events');
  }
}
