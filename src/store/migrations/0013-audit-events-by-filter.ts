import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * An index for each filter, whose events lie in the order of their time: a page of 50 reads some 50 rows
 * of hundreds of thousands. The databases add the id to each by themselves.
 */
const BY_FILTER = ['project_id', 'actor', 'action', 'subject_id'].map(
  (column) =>
    new TableIndex({
      name: `audit_events_by_${column.replace('_id', '')}_at`,
      columnNames: [column, 'at'],
    }),
);
/** By insertion, not by time. */
const BY_PROJECT = new TableIndex({
  name: 'audit_events_by_project',
  columnNames: ['project_id', 'id'],
});

export class AuditEventsByFilter1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndices('audit_events', BY_FILTER);
    await runner.dropIndex('audit_events', BY_PROJECT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex('audit_events', BY_PROJECT);
    await runner.dropIndices('audit_events', BY_FILTER);
  }
}
