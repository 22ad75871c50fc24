import type { MigrationInterface, QueryRunner } from 'typeorm';
import { namesOf } from './helpers-v1.js';

/**
 * On MySQL, text is whatever the database's default says: by that of many servers `ada`, `ADA`, `àda` and
 * `ada ` are one username, and an emoji is an error. From here on text is compared byte by byte, trailing
 * blanks included; later tables get it from the database.
 */
export class BinaryText1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const { type } = runner.dataSource.options;
    if (type === 'better-sqlite3') {
      return;
    }
    const collation = type === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
    const asText = `CHARACTER SET utf8mb4 COLLATE ${collation}`;
    await runner.query(`ALTER DATABASE ${asText}`);
    const tables: unknown = await runner.query(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    for (const name of namesOf(tables)) {
      await runner.query(`ALTER TABLE \`${name}\` CONVERT TO ${asText}`);
    }
  }

  /** What the text was before is known no more, and the tables before work with it. */
  async down(): Promise<void> {}
}
