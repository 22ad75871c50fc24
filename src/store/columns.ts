/**
 * The kinds of columns that tables are made of. A column is the zod type that reads its value as a driver
 * returns it; how TypeORM declares the column is kept beside it.
 */

import type { EntitySchemaColumnOptions, ValueTransformer } from 'typeorm';
import { z } from 'zod';

export type Column = z.core.$ZodType;

const OPTIONS = new WeakMap<Column, EntitySchemaColumnOptions>();

function column<T extends Column>(type: T, options: EntitySchemaColumnOptions): T {
  OPTIONS.set(type, options);
  return type;
}

/** How TypeORM declares the column, except for its name. */
export function optionsOf(type: Column): EntitySchemaColumnOptions {
  const options = OPTIONS.get(type);
  if (options === undefined) {
    throw new Error('this type is not a column');
  }
  return options;
}

const instants = {
  to: (value: Date | null | undefined) => value?.getTime() ?? null,
  from: (value: string | number | null) => (value === null ? null : toDate(value)),
} satisfies ValueTransformer;

const numbers = {
  to: (value: number) => value,
  from: Number,
} satisfies ValueTransformer;

const words = {
  to: (value: readonly string[] | null | undefined) => value?.join(',') ?? null,
  from: (value: string | null) => (value === null ? null : toWords(value)),
} satisfies ValueTransformer;

function toWords(joined: string): string[] {
  return joined.split(',');
}

/** Some drivers return a bigint as a string, others as a number. */
function toDate(value: string | number): Date {
  return new Date(Number(value));
}

export const id = column(z.number(), { type: 'integer', primary: true, generated: 'increment' });

export const integer = column(z.number(), { type: 'integer' });

export const counter = column(z.coerce.number(), { type: 'bigint', transformer: numbers });

/** Some drivers return 0 and 1. */
export const flag = column(z.coerce.boolean(), { type: 'boolean' });

export const instant = column(z.union([z.number(), z.string()]).transform(toDate), {
  type: 'bigint',
  transformer: instants,
});

export const wordList = column(z.string().transform(toWords), {
  type: 'varchar',
  length: 255,
  transformer: words,
});

/** Of any length, within what MySQL's TEXT holds. */
export const longText = column(z.string(), { type: 'text' });

const MANY_WORDS_LENGTH = 65_535;

/** Of any number of words, within what MySQL's TEXT holds. */
export const manyWords = column(z.string().max(MANY_WORDS_LENGTH).transform(toWords), {
  type: 'text',
  transformer: words,
});

/** 32 bytes of SHA-256. Not hex: a loose collation could make different digests equal. */
export const digest = column(z.instanceof(Buffer), { type: 'binary', length: 32, unique: true });

export function text(length = 255): z.ZodString {
  return column(z.string(), { type: 'varchar', length });
}

export function reference(target: string): z.ZodNumber {
  return column(z.number(), { type: 'integer', foreignKey: { target } });
}

export function orNull<T extends z.ZodType>(type: T): z.ZodNullable<T> {
  return column(type.nullable(), { ...optionsOf(type), nullable: true });
}

export function unique<T extends z.ZodType>(type: T): T {
  return column(type.clone(), { ...optionsOf(type), unique: true });
}

export function primary<T extends z.ZodType>(type: T): T {
  return column(type.clone(), { ...optionsOf(type), primary: true });
}

/** Read only where a query asks for it by name, never with the rest of a row. */
export function onDemand<T extends z.ZodType>(type: T): T {
  return column(type.clone(), { ...optionsOf(type), select: false });
}
