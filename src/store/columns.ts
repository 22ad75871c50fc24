/** The kinds of columns that tables are made of, on either database. */

import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';

export type Dialect = 'sqlite' | 'mysql';

export const instants = {
  to: (value: Date | null | undefined) => value?.getTime() ?? null,
  // MySQL's driver hands a bigint out as a string, SQLite's as a number.
  from: (value: string | number | null) => (value === null ? null : new Date(Number(value))),
} satisfies ValueTransformer;

export const words = {
  to: (value: readonly string[]) => value.join(','),
  from: (value: string) => value.split(','),
} satisfies ValueTransformer;

export const id = { type: 'integer', primary: true, generated: 'increment' } as const;

export function instant(name: string): EntitySchemaColumnOptions {
  return { name, type: 'bigint', transformer: instants };
}

export function instantOrNull(name: string): EntitySchemaColumnOptions {
  return { ...instant(name), nullable: true };
}

export function reference(name: string, target: string): EntitySchemaColumnOptions {
  return { name, type: 'integer', foreignKey: { target } };
}

export function wordList(name: string): EntitySchemaColumnOptions {
  return { name, type: 'varchar', length: 255, transformer: words };
}

/** 32 bytes of SHA-256: never hex, whose comparison a loose collation could widen. */
export function digest(dialect: Dialect): EntitySchemaColumnOptions {
  const column = { name: 'secret_digest', unique: true };
  return dialect === 'sqlite'
    ? { ...column, type: 'blob' }
    : { ...column, type: 'binary', length: 32 };
}
