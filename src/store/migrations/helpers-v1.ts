/**
 * What merged migrations are written with. It never changes, as little as they do, or a database of today
 * would differ from one that was migrated long ago: what is to be otherwise is a `helpers-v2.ts`.
 * Migrations import nothing but TypeORM and such files.
 */

import type { QueryRunner, TableColumnOptions, TableForeignKeyOptions } from 'typeorm';

export const id: TableColumnOptions = {
  name: 'id',
  type: 'integer',
  isPrimary: true,
  isGenerated: true,
  generationStrategy: 'increment',
};

export function text(name: string, length = 255): TableColumnOptions {
  return { name, type: 'varchar', length: String(length) };
}

export function integer(name: string): TableColumnOptions {
  return { name, type: 'integer' };
}

export function instant(name: string): TableColumnOptions {
  return { name, type: 'bigint' };
}

export function orNull(column: TableColumnOptions): TableColumnOptions {
  return { ...column, isNullable: true };
}

export function secretDigest(runner: QueryRunner): TableColumnOptions {
  return runner.dataSource.options.type === 'better-sqlite3'
    ? { name: 'secret_digest', type: 'blob', isUnique: true }
    : { name: 'secret_digest', type: 'binary', length: '32', isUnique: true };
}

export function references(column: string, table: string): TableForeignKeyOptions {
  return { columnNames: [column], referencedTableName: table, referencedColumnNames: ['id'] };
}

/** The `name` of each row that a query gave. */
export function namesOf(rows: unknown): string[] {
  if (!Array.isArray(rows)) {
    throw new Error('the database answered without rows');
  }
  return rows.map((row: unknown) => {
    if (typeof row === 'object' && row !== null && 'name' in row && typeof row.name === 'string') {
      return row.name;
    }
    throw new Error('the database answered with a row without a name');
  });
}
