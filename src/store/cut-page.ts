import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../access/errors.js';
import {
  MOST_COUNTED,
  type Cursor,
  type Direction,
  type Page,
  type PageRequest,
} from '../access/page.js';

export interface SortColumn<Row> {
  /** With the alias of its table: `project.pathKey`. */
  readonly name: string;
  readonly type: 'string' | 'number';
  /** As the database holds it. */
  readonly valueOf: (row: Row) => string | number;
}

export interface SortOrder<Row> {
  /** Together they tell any two rows apart, so that no row is on two pages or on none. */
  readonly columns: readonly SortColumn<Row>[];
  readonly direction: Direction;
}

/** Cuts one page out of what a query selects. */
export async function cutPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { columns, direction }: SortOrder<Row>,
  { limit, start, total }: PageRequest,
): Promise<Page<Row>> {
  const count = total ? await countOf(query) : null;
  for (const { name } of columns) {
    query.addOrderBy(name, direction);
  }
  if ('offset' in start) {
    query.offset(start.offset);
  } else if (start.after !== null) {
    const names = columns.map(({ name }) => name);
    query.andWhere(`(${past(names, direction)})`, readCursor(start.after, columns));
  }
  // One more than the page holds shows whether there is another one.
  return { ...cut(await query.limit(limit + 1).getMany(), columns, limit), total: count };
}

function cut<Row>(
  found: readonly Row[],
  columns: readonly SortColumn<Row>[],
  limit: number,
): Pick<Page<Row>, 'items' | 'next'> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasNext = last !== undefined && found.length > limit;
  return { items, next: hasNext ? writeCursor(last, columns) : null };
}

/**
 * The same for a query of its own columns, which sorts by what it computes: a sort column's `name` is then
 * an expression, and its value a column of the row by the name of `as`.
 */
export async function cutRawPage<Row extends Readonly<Record<string, unknown>>>(
  query: SelectQueryBuilder<ObjectLiteral>,
  { columns, direction }: SortOrder<Row> & { readonly columns: readonly { readonly as: string }[] },
  {
    limit,
    start,
  }: Pick<PageRequest, 'limit'> & { readonly start: { readonly after: Cursor | null } },
): Promise<Pick<Page<Row>, 'items' | 'next'>> {
  for (const { name, as } of columns) {
    query.addSelect(name, as).addOrderBy(as, direction);
  }
  if (start.after !== null) {
    const names = columns.map(({ name }) => name);
    query.andWhere(`(${past(names, direction)})`, readCursor(start.after, columns));
  }
  return cut(await query.limit(limit + 1).getRawMany<Row>(), columns, limit);
}

const Count = z.tuple([z.object({ count: z.coerce.number() })]);

/**
 * TypeORM's own `getCount` sorts the ids of all rows, to tell them apart: none of these comes twice. A
 * subquery of so many rows at most ends the count.
 */
async function countOf<Row extends ObjectLiteral>(query: SelectQueryBuilder<Row>): Promise<number> {
  const some = query
    .clone()
    .select('1', 'one')
    .limit(MOST_COUNTED + 1);
  const rows: unknown = await query
    .createQueryBuilder()
    .select('COUNT(*)', 'count')
    .from(`(${some.getQuery()})`, 'some')
    .setParameters(some.getParameters())
    .getRawMany();
  const [{ count }] = Count.parse(rows);
  return count;
}

export function byId<Row extends { readonly id: number }>(
  alias: string,
  direction: Direction,
): SortOrder<Row> {
  return {
    columns: [{ name: `${alias}.id`, type: 'number', valueOf: ({ id }) => id }],
    direction,
  };
}

/**
 * What holds for the rows behind a cursor. Spelt out, since MySQL compares `(a, b) < (x, y)` row by
 * row: so it starts at the right place of an index on both columns.
 */
function past(names: readonly string[], direction: Direction, index = 0): string {
  const name = names[index] ?? '';
  const sign = direction === 'ASC' ? '>' : '<';
  const isPast = `${name} ${sign} :after${index}`;
  return index === names.length - 1
    ? isPast
    : `${name} ${sign}= :after${index} AND (${isPast} OR (${past(names, direction, index + 1)}))`;
}

/** To go on behind this row. */
export function writeCursor<Row>(row: Row, columns: readonly SortColumn<Row>[]): Cursor {
  const values = columns.map(({ valueOf }) => valueOf(row));
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

const CursorValues = z.array(z.union([z.string(), z.number()]));

/** As parameters for `past`. People edit addresses: what no list of this kind wrote is refused. */
function readCursor<Row>(
  cursor: Cursor,
  columns: readonly SortColumn<Row>[],
): Record<string, string | number> {
  const values = CursorValues.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  const isOurs =
    values.success &&
    values.data.length === columns.length &&
    values.data.every((value, index) => typeof value === columns[index]?.type);
  if (!isOurs) {
    throw new AppError(
      'invalid_input',
      'The address names no place in this list. Open the list again from its first page.',
    );
  }
  return Object.fromEntries(values.data.map((value, index) => [`after${index}`, value]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
