import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { MIGRATIONS } from '../../src/store/migrations/index.js';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';

const RECORDED = new URL('../../../test/recorded/', import.meta.url);

/** In the order of their names, and what made each. */
const SQLITE_SCHEMA = `
  SELECT name, sql AS made FROM sqlite_master
  WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name`;
const MARIADB_TABLES = `
  SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = DATABASE() ORDER BY table_name`;

const Made = z.array(z.object({ name: z.string(), made: z.string() }));
const Names = z.array(z.object({ name: z.string() }));
const Shown = z.tuple([z.object({ 'Create Table': z.string() })]);

/**
 * Holds what each migration makes of the one before to a record: a database that was migrated long ago
 * and one that is migrated today have the same schema. A new migration adds a part to the record; those
 * that are there never change.
 */
export function describeFrozenSchema(
  name: string,
  { file, create }: { readonly file: string; readonly create: () => Promise<DatabaseSettings> },
): void {
  it(`the schema that each migration makes on ${name} is the one on record`, async () => {
    const { db, close } = await openDatabase(await create(), []);

    const parts = await partsOf(db);

    await close();
    expect(parts.join('\n')).to.equal(await readFile(new URL(file, RECORDED), 'utf8'));
  });
}

async function partsOf(db: DataSource): Promise<string[]> {
  const runner = db.createQueryRunner();
  const parts: string[] = [];
  let before: readonly string[] = [];
  for (const Migration of MIGRATIONS) {
    await new Migration().up(runner);
    const now = await schemaOf(db);
    const changed = now.filter((made) => !before.includes(made));
    parts.push([`-- ${Migration.name}`, ...changed, ''].join('\n'));
    before = now;
  }
  await runner.release();
  return parts;
}

async function schemaOf(db: DataSource): Promise<string[]> {
  if (db.options.type === 'better-sqlite3') {
    return Made.parse(await db.query(SQLITE_SCHEMA)).map(({ made }) => `${made};`);
  }
  const made: string[] = [];
  for (const { name } of Names.parse(await db.query(MARIADB_TABLES))) {
    const [table] = Shown.parse(await db.query(`SHOW CREATE TABLE \`${name}\``));
    made.push(`${table['Create Table']};`);
  }
  return made;
}
