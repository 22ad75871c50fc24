import { TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** The sessions of a user in the order in which a page lists them. */
const BY_LAST_SEEN = new TableIndex({
  name: 'sessions_by_last_seen',
  columnNames: ['user_id', 'last_seen_at'],
});
/** Begins like the one above, which does all that it did, for the foreign key too. */
const BY_USER = new TableIndex({ name: 'sessions_by_user', columnNames: ['user_id'] });

export class SessionsByLastSeen1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('sessions', BY_LAST_SEEN);
    await runner.dropIndex('sessions', BY_USER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex('sessions', BY_USER);
    await runner.dropIndex('sessions', BY_LAST_SEEN);
  }
}
