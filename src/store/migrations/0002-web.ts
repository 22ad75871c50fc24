import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, instant, integer, references, secretDigest, text } from './helpers-v1.js';

/** What the web pages keep: who is signed in, which forms were sent, the first administrator's link. */
export class Web1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const digest = secretDigest(runner);

    await runner.createTable(
      new Table({
        name: 'sessions',
        columns: [
          id,
          integer('user_id'),
          digest,
          instant('created_at'),
          instant('last_seen_at'),
          instant('expires_at'),
          text('client'),
          text('address', 64),
        ],
        foreignKeys: [references('user_id', 'users')],
        indices: [{ name: 'sessions_by_user', columnNames: ['user_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'used_forms',
        columns: [id, integer('session_id'), digest],
        foreignKeys: [references('session_id', 'sessions')],
        indices: [{ name: 'used_forms_by_session', columnNames: ['session_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'setup_links',
        columns: [id, digest, instant('expires_at')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['setup_links', 'used_forms', 'sessions']) {
      await runner.dropTable(table);
    }
  }
}
