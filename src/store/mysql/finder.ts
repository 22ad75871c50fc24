import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { asAppError } from '../database-errors.js';
import type { Finder, Found, Key, Lookup } from '../lookups.js';
import { batchByTurn } from '../turn-batch.js';
import { MYSQL_FAILURES } from './failures.js';
import { AT_ONCE, fillUp, IN_FLIGHT } from './keys.js';

const KeyedRow = z.looseObject({
  lookupKey: z.union([z.instanceof(Buffer), z.string(), z.number()]),
});

/** All that a turn asks of one table is one query. */
export function mysqlFinder(db: DataSource): Finder {
  return (lookup) =>
    batchByTurn({
      async load(keys: readonly string[]) {
        const found = await selectAll(db, lookup, keys);
        return keys.map((key) => () => (found.get(key) ?? (() => readExample(lookup)))());
      },
      atMost: AT_ONCE,
      inFlight: IN_FLIGHT,
    });
}

/** What reading a row takes. */
function readExample({ example, toEntity }: Lookup<unknown>): null {
  keyOf(example);
  toEntity(example);
  return null;
}

/** What there is of these, by what it was looked up by. */
async function selectAll<T>(
  db: DataSource,
  { select, toColumn, toEntity }: Lookup<T>,
  asked: readonly string[],
): Promise<ReadonlyMap<string, Found<T>>> {
  const keys = [...new Set(asked)];
  const found = new Map<string, Found<T>>();
  try {
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const some = fillUp(keys.slice(start, start + AT_ONCE)).map(toColumn);
      for (const row of await selectIn(db, select, some)) {
        found.set(keyOf(row), () => toEntity(row));
      }
    }
    return found;
  } catch (error) {
    throw asAppError(error, MYSQL_FAILURES);
  }
}

function keyOf(row: unknown): string {
  const { lookupKey } = KeyedRow.parse(row);
  return lookupKey instanceof Buffer ? lookupKey.toString('base64') : String(lookupKey);
}

async function selectIn(
  db: DataSource,
  select: string,
  values: readonly Key[],
): Promise<unknown[]> {
  const marks = values.map(() => '?').join(', ');
  return z.array(z.unknown()).parse(await db.query(`${select} IN (${marks})`, [...values]));
}
