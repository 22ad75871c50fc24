import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, instant, integer, orNull, secretDigest, text } from './helpers-v1.js';

/** What was refused lately: a short list for each deploy token, user and project. */
export class Denials1700000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'denials',
        columns: [
          id,
          text('list_kind', 16),
          integer('list_id'),
          { name: 'is_main', type: 'boolean' },
          { ...secretDigest(runner), name: 'merge_key' },
          orNull(integer('deploy_token_id')),
          orNull(integer('user_id')),
          text('door', 16),
          orNull(integer('project_id')),
          orNull(text('repository')),
          text('actions'),
          text('reason', 32),
          { name: 'count', type: 'bigint' },
          instant('first_at'),
          instant('last_at'),
          text('address', 64),
          text('user_agent'),
          orNull(instant('granted_elsewhere_at')),
        ],
        indices: [
          { name: 'denials_by_list', columnNames: ['list_kind', 'list_id', 'last_at'] },
          { name: 'denials_by_main', columnNames: ['is_main', 'last_at'] },
          { name: 'denials_by_time', columnNames: ['last_at'] },
        ],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('denials');
  }
}
