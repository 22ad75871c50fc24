import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { z } from 'zod';
import { optionsOf, type Column } from './columns.js';

export type Columns = Readonly<Record<string, Column>>;
type RowOf<C extends Columns> = z.infer<z.ZodObject<C>>;

interface Index<Name> {
  readonly name: string;
  readonly columns: readonly Name[];
}

/**
 * A table: the one place that lists its columns. TypeORM's schema, the type of a row and the columns that a
 * lookup selects follow from it.
 */
export class Table<C extends Columns> extends EntitySchema<RowOf<C>> {
  readonly columns: C;

  constructor(name: string, columns: C, indices: readonly Index<keyof C & string>[] = []) {
    super({
      name,
      columns: schemaOf(columns),
      indices: indices.map((index) => ({ ...index, columns: [...index.columns] })),
    });
    this.columns = columns;
  }
}

export type Row<T> = T extends Table<infer C> ? RowOf<C> : never;

/**
 * What leaves the store of a row: an entity, and no other column of the row. A mapping that passes on a
 * column by mistake, such as a digest, does not compile.
 */
export type Only<Entity, RowType> = Entity & {
  readonly [Name in Exclude<keyof RowType, keyof Entity>]?: never;
};

/** A row without these columns: one that has them does not compile. */
export type Without<RowType, Names extends keyof RowType> = Only<Omit<RowType, Names>, RowType>;

/** `projectId` of a row is `project_id` of its table. */
export function columnName(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function schemaOf(columns: Columns): Record<string, EntitySchemaColumnOptions> {
  return Object.fromEntries(
    Object.entries(columns).map(([property, column]) => [
      property,
      { ...optionsOf(column), name: columnName(property) },
    ]),
  );
}
