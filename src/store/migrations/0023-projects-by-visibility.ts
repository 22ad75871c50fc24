import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

const BY_VISIBILITY = new TableIndex({
  name: 'projects_by_visibility',
  columnNames: ['visibility', 'path_key'],
});

/** Whether anything public lies below a path, however much of what is private lies there. */
export class ProjectsByVisibility1700000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('projects', BY_VISIBILITY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('projects', BY_VISIBILITY);
  }
}
