import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = { name: 'varchar(255)', description: 'varchar(255)', visibility: 'varchar(16)' };

/**
 * What clients of GitLab's API give a group, and expect back as they gave it. Written in SQL that both
 * databases have: TypeORM makes the whole table anew on SQLite, and with it forgets which ids were used.
 */
export class NamespaceDetails1700000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, type] of Object.entries(COLUMNS)) {
      await runner.query(`ALTER TABLE namespaces ADD COLUMN ${name} ${type} NULL`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(COLUMNS)) {
      await runner.query(`ALTER TABLE namespaces DROP COLUMN ${name}`);
    }
  }
}
