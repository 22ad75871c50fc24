import { TableColumn, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';
import { integer, orNull, text } from './helpers-v1.js';

const COLUMNS = [
  new TableColumn(orNull(integer('namespace_id'))),
  new TableColumn(orNull(text('namespace_path'))),
  new TableColumn(orNull(text('place_key'))),
];

const BY_PLACE = new TableIndex({
  name: 'audit_events_by_place_at',
  columnNames: ['place_key', 'at'],
});

/** What was done in a namespace, and the events of all that lies below a path as one range of an index. */
export class AuditEventsByPlace1700000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('audit_events', COLUMNS);
    await runner.query(
      'UPDATE audit_events SET place_key = LOWER(project_path) WHERE project_path IS NOT NULL',
    );
    await runner.createIndex('audit_events', BY_PLACE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('audit_events', BY_PLACE);
    await runner.dropColumns(
      'audit_events',
      COLUMNS.map(({ name }) => name),
    );
  }
}
