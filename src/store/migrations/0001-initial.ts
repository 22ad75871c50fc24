import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, instant, integer, orNull, references, secretDigest, text } from './helpers-v1.js';

/** Merged migrations are never edited: a change of the schema is a new one. */
export class Initial1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const digest = secretDigest(runner);

    await runner.createTable(
      new Table({
        name: 'users',
        columns: [
          id,
          text('username'),
          { ...text('username_key'), isUnique: true },
          text('display_name'),
          orNull(text('password_hash')),
          { name: 'is_admin', type: 'boolean' },
          orNull(instant('blocked_at')),
          instant('created_at'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'projects',
        columns: [
          id,
          text('path'),
          { ...orNull(text('path_key')), isUnique: true },
          text('visibility', 16),
          orNull(instant('archived_at')),
          orNull(instant('removed_at')),
          instant('created_at'),
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'reserved_paths',
        columns: [
          { ...text('path_key'), isPrimary: true },
          integer('project_id'),
          instant('reserved_at'),
        ],
        foreignKeys: [references('project_id', 'projects')],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'members',
        columns: [
          { ...integer('project_id'), isPrimary: true },
          { ...integer('user_id'), isPrimary: true },
          text('role', 16),
        ],
        foreignKeys: [references('project_id', 'projects'), references('user_id', 'users')],
        indices: [{ name: 'members_by_user', columnNames: ['user_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'deploy_tokens',
        columns: [
          id,
          integer('project_id'),
          text('name'),
          text('username'),
          digest,
          text('scopes'),
          orNull(instant('expires_at')),
          instant('created_at'),
          orNull(integer('created_by')),
          orNull(instant('revoked_at')),
          orNull(integer('revoked_by')),
        ],
        foreignKeys: [
          references('project_id', 'projects'),
          references('created_by', 'users'),
          references('revoked_by', 'users'),
        ],
        indices: [{ name: 'deploy_tokens_by_project', columnNames: ['project_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'personal_access_tokens',
        columns: [
          id,
          integer('user_id'),
          text('name'),
          digest,
          text('scopes'),
          orNull(instant('expires_at')),
          instant('created_at'),
          orNull(instant('revoked_at')),
        ],
        foreignKeys: [references('user_id', 'users')],
        indices: [{ name: 'personal_access_tokens_by_user', columnNames: ['user_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'write_lock',
        columns: [
          { name: 'id', type: 'integer', isPrimary: true },
          { name: 'writes', type: 'bigint' },
        ],
      }),
    );
    await runner.query('INSERT INTO write_lock (id, writes) VALUES (1, 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = [
      'write_lock',
      'personal_access_tokens',
      'deploy_tokens',
      'members',
      'reserved_paths',
      'projects',
      'users',
    ];
    for (const table of tables) {
      await runner.dropTable(table);
    }
  }
}
