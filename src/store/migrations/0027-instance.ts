import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, integer, orNull, text } from './helpers-v1.js';

/** What the database knows of itself: who it is, whose keys it was used with, whether it was put back. */
export class Instance1700000000027 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'instance',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          text('database_id', 64),
          orNull(text('ca_fingerprint', 128)),
          orNull(instant('rewound_at')),
          orNull(instant('rewound_from')),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'undone_revocations',
        columns: [
          { ...text('kind', 16), isPrimary: true },
          { ...integer('token_id'), isPrimary: true },
          text('name'),
          instant('revoked_at'),
        ],
      }),
    );
    await runner.query(
      `INSERT INTO instance (id, database_id) VALUES (1, '${crypto.randomUUID()}')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('undone_revocations');
    await runner.dropTable('instance');
  }
}
