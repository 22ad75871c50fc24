import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, integer, orNull, text } from './helpers-v1.js';

/** What the registry holds, and the walk through its catalogue that finds it. */
export class RegistryInventory1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'registry_repositories',
        columns: [{ ...text('name'), isPrimary: true }, integer('walk'), instant('found_at')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'registry_walks',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          integer('number'),
          orNull(instant('started_at')),
          orNull(text('next', 1024)),
          integer('seen'),
          orNull(instant('ended_at')),
          orNull(text('failure')),
          orNull(instant('failed_at')),
          orNull(text('walker', 64)),
          orNull(instant('walker_until')),
        ],
      }),
    );
    await runner.query('INSERT INTO registry_walks (id, number, seen) VALUES (1, 0, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('registry_walks');
    await runner.dropTable('registry_repositories');
  }
}
