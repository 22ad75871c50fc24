import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { asAppError } from './database-errors.js';
import { keyText, lookupsBy, type Found, type Key, type Lookups, type Table } from './lookups.js';
import { batchByTurn } from './turn-batch.js';

/** Of one `IN (…)`, and of the powers of two that it is filled up to: few statements to prepare. */
const AT_ONCE = 64;
const IN_FLIGHT = 2;

const KeyedRow = z.looseObject({ lookupKey: z.union([z.instanceof(Buffer), z.string()]) });

/** All that a turn asks of one table is one query. */
export function mysqlLookups(db: DataSource): Lookups {
  return lookupsBy(<T>({ select, toEntity }: Table<T>) =>
    batchByTurn<readonly Key[], readonly Found<T>[]>({
      async load(questions) {
        const rows = await selectAll(db, select, questions.flat());
        return questions.map((keys) =>
          keys.flatMap((key) => {
            const row = rows.get(keyText(key));
            return row === undefined ? [] : [() => toEntity(row)];
          }),
        );
      },
      atMost: AT_ONCE,
      inFlight: IN_FLIGHT,
    }),
  );
}

/** The rows by what they were looked up by. */
async function selectAll(
  db: DataSource,
  select: string,
  asked: readonly Key[],
): Promise<ReadonlyMap<string, unknown>> {
  const keys = [...new Map(asked.map((key) => [keyText(key), key])).values()];
  const rows = new Map<string, unknown>();
  try {
    for (let start = 0; start < keys.length; start += AT_ONCE) {
      const some = fillUp(keys.slice(start, start + AT_ONCE));
      for (const row of await selectIn(db, select, some)) {
        rows.set(keyText(KeyedRow.parse(row).lookupKey), row);
      }
    }
    return rows;
  } catch (error) {
    throw asAppError(error);
  }
}

async function selectIn(db: DataSource, select: string, keys: readonly Key[]): Promise<unknown[]> {
  const marks = keys.map(() => '?').join(', ');
  return z.array(z.unknown()).parse(await db.query(`${select} IN (${marks})`, [...keys]));
}

/** To the next power of two, by the last key once more. */
function fillUp(keys: readonly Key[]): Key[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return Array.from({ length: size }, (_, index) => keys[Math.min(index, keys.length - 1)] ?? '');
}
