import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = {
  projects: { name: 'varchar(255)', description: 'varchar(2000)', settings: 'text' },
  users: { email: 'varchar(255)', note: 'varchar(2000)', settings: 'text' },
};

/**
 * What clients of GitLab's API give a project and an account, and expect back as they gave it. Written in
 * SQL that both databases have: TypeORM makes the whole table anew on SQLite, and with it forgets which
 * ids were used.
 */
export class ApiDetails1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      for (const [name, type] of Object.entries(columns)) {
        await runner.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${type} NULL`);
      }
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, columns] of Object.entries(COLUMNS)) {
      for (const name of Object.keys(columns)) {
        await runner.query(`ALTER TABLE ${table} DROP COLUMN ${name}`);
      }
    }
  }
}
