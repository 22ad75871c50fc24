import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, orNull } from './helpers-v1.js';

/** Since when the clock runs steadily, so that nothing is removed by one that jumped. */
export class ObservedClock1700000000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'observed_clock',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          orNull(instant('steady_since')),
          orNull(instant('seen_at')),
        ],
      }),
    );
    await runner.query('INSERT INTO observed_clock (id) VALUES (1)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('observed_clock');
  }
}
