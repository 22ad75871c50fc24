import { Table, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';

const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};

function column(name: string, type: string): TableColumnOptions {
  return { name, type };
}

function references(
  name: string,
  table: string,
): {
  columnNames: string[];
  referencedTableName: string;
  referencedColumnNames: string[];
} {
  return { columnNames: [name], referencedTableName: table, referencedColumnNames: ['id'] };
}

/** What the web pages keep: who is signed in, which forms were sent, the first administrator's link. */
export class Web1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
    const digest: TableColumnOptions = isSqlite
      ? { name: 'secret_digest', type: 'blob', isUnique: true }
      : { name: 'secret_digest', type: 'binary', length: '32', isUnique: true };

    await runner.createTable(
      new Table({
        name: 'sessions',
        columns: [
          id,
          column('user_id', 'integer'),
          digest,
          column('created_at', 'bigint'),
          column('last_seen_at', 'bigint'),
          column('expires_at', 'bigint'),
          { ...column('client', 'varchar'), length: '255' },
          { ...column('address', 'varchar'), length: '64' },
        ],
        foreignKeys: [references('user_id', 'users')],
        indices: [{ name: 'sessions_by_user', columnNames: ['user_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'used_forms',
        columns: [id, column('session_id', 'integer'), digest],
        foreignKeys: [references('session_id', 'sessions')],
        indices: [{ name: 'used_forms_by_session', columnNames: ['session_id'] }],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'setup_links',
        columns: [id, digest, column('expires_at', 'bigint')],
      }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['setup_links', 'used_forms', 'sessions']) {
      await runner.dropTable(table);
    }
  }
}
