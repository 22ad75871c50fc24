import type { DataSource } from 'typeorm';
import { z } from 'zod';
import {
  lookupsBy,
  SELECT,
  type Key,
  type Kind,
  type Lookups,
  type Question,
  type Rows,
} from './lookups.js';

/** Of one `IN (…)`, and of the powers of two that it is filled up to: few statements to prepare. */
const AT_ONCE = 64;
const IN_FLIGHT = 2;

/** All that a turn asks of one table is one query. */
export function mysqlLookups(db: DataSource): Lookups {
  async function load(questions: readonly Question[]): Promise<Rows[]> {
    const [deployToken, project] = await Promise.all([
      selectKeys(db, 'deployToken', questions),
      selectKeys(db, 'project', questions),
    ]);
    const found = { deployToken, project };
    return questions.map(({ kind, keys }) =>
      keys.map((key) => found[kind].get(comparable(key))).filter((row) => row !== undefined),
    );
  }
  return lookupsBy({ load, atMost: AT_ONCE, inFlight: IN_FLIGHT });
}

const KeyedRow = z.looseObject({ lookupKey: z.union([z.instanceof(Buffer), z.string()]) });

/** The rows by what they were looked up by. */
async function selectKeys(
  db: DataSource,
  kind: Kind,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, unknown>> {
  const asked = questions.filter((question) => question.kind === kind);
  const distinct = new Map(
    asked.flatMap(({ keys }) => keys).map((key) => [comparable(key), key] as const),
  );
  const keys = [...distinct.values()];
  const rows: unknown[] = [];
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const some = fillUp(keys.slice(start, start + AT_ONCE));
    rows.push(...(await selectIn(db, kind, some)));
  }
  return new Map(rows.map((row) => [comparable(KeyedRow.parse(row).lookupKey), row]));
}

async function selectIn(db: DataSource, kind: Kind, keys: readonly Key[]): Promise<unknown[]> {
  const marks = keys.map(() => '?').join(', ');
  return z.array(z.unknown()).parse(await db.query(`${SELECT[kind]} IN (${marks})`, [...keys]));
}

/** To the next power of two, by the last key once more. */
function fillUp(keys: readonly Key[]): Key[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return Array.from({ length: size }, (_, index) => keys[Math.min(index, keys.length - 1)] ?? '');
}

function comparable(key: Key): string {
  return typeof key === 'string' ? key : key.toString('latin1');
}
