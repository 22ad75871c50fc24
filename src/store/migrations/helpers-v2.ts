/** What later migrations read and fill tables with; frozen as soon as one of them has been released. */

import type { QueryRunner } from 'typeorm';

const AT_ONCE = 100;

export type Row = Readonly<Record<string, unknown>>;

export async function rowsOf(runner: QueryRunner, query: string): Promise<readonly Row[]> {
  const rows: unknown = await runner.query(query);
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw new Error('the database answered without rows');
  }
  return rows;
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

type Value = string | number | null;

/** In pieces, since the number of values of one statement is bounded. */
export async function insertAll(
  runner: QueryRunner,
  { table, columns }: { readonly table: string; readonly columns: readonly string[] },
  rows: readonly (readonly Value[])[],
): Promise<void> {
  const marks = `(${columns.map(() => '?').join(', ')})`;
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    const some = rows.slice(start, start + AT_ONCE);
    await runner.query(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${some.map(() => marks).join(', ')}`,
      some.flat(),
    );
  }
}
