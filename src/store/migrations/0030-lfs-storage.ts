import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, integer, references, text } from './helpers-v1.js';

/** What the Git LFS objects of a project take, and what uploads under way have taken so far. */
export class LfsStorage1700000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'lfs_storage',
        columns: [
          { ...integer('project_id'), isPrimary: true },
          { name: 'stored_bytes', type: 'bigint' },
        ],
        foreignKeys: [references('project_id', 'projects')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'lfs_uploads',
        columns: [
          { ...text('id', 36), isPrimary: true },
          integer('project_id'),
          { name: 'reserved_bytes', type: 'bigint' },
          instant('started_at'),
        ],
        foreignKeys: [references('project_id', 'projects')],
        indices: [{ name: 'lfs_uploads_by_project', columnNames: ['project_id'] }],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('lfs_uploads');
    await runner.dropTable('lfs_storage');
  }
}
