import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, instant, integer, orNull, references, secretDigest, text } from './helpers-v1.js';

/** The links with which people make their own accounts. */
export class Invitations1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'invitations',
        columns: [
          id,
          secretDigest(runner),
          orNull(text('username')),
          orNull(text('username_key')),
          orNull({ name: 'roles', type: 'text' }),
          instant('created_at'),
          orNull(integer('created_by')),
          instant('expires_at'),
          orNull(instant('used_at')),
          orNull(integer('used_by')),
          orNull(instant('revoked_at')),
        ],
        foreignKeys: [references('created_by', 'users'), references('used_by', 'users')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('invitations');
  }
}
