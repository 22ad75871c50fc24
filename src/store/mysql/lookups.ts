import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { asAppError } from '../database-errors.js';
import {
  answerOf,
  countNames,
  DEPLOY_TOKENS,
  OWNED_PREFIXES,
  type Answer,
  type Finder,
  type Found,
  type Key,
  type Lookup,
  type LookUp,
  type Question,
} from '../lookups.js';
import { batchByTurn } from '../turn-batch.js';
import { MYSQL_FAILURES } from './failures.js';

/** Of one `IN (…)`, and of the powers of two that it is filled up to: few statements to prepare. */
const AT_ONCE = 64;
const IN_FLIGHT = 2;

const KeyedRow = z.looseObject({
  lookupKey: z.union([z.instanceof(Buffer), z.string(), z.number()]),
});

/**
 * All that a turn asks of one table is one query, or as few as it takes. Who asks for no project, as git
 * does, or for a few, as a pull does, waits for nobody who asks for hundreds.
 */
export function mysqlLookUp(db: DataSource): LookUp {
  const tokens = lookUpTogether(db);
  const tokensAndPrefixes = lookUpTogether(db);
  const tokensAndMany = lookUpTogether(db);
  return async (question) => {
    const { length } = question.prefixes;
    const some = length > AT_ONCE ? tokensAndMany : tokensAndPrefixes;
    return await (length === 0 ? tokens : some)(question);
  };
}

function lookUpTogether(db: DataSource): LookUp {
  return batchByTurn<Question, Answer>({
    async load(questions) {
      const [deployTokens, owned] = await Promise.all([
        selectAll(
          db,
          DEPLOY_TOKENS,
          questions.flatMap(({ secretDigest }) => secretDigest ?? []),
        ),
        selectAll(
          db,
          OWNED_PREFIXES,
          questions.flatMap(({ prefixes }) => prefixes),
        ),
      ]);
      return questions.map(({ secretDigest, prefixes }) => () => {
        const found = prefixes.flatMap((prefix) => owned.get(prefix) ?? []);
        for (let missing = countNames(prefixes) - found.length; missing > 0; missing -= 1) {
          readExample(OWNED_PREFIXES);
        }
        return answerOf(
          secretDigest === null ? null : (deployTokens.get(secretDigest) ?? null),
          found,
        );
      });
    },
    atMost: AT_ONCE,
    inFlight: IN_FLIGHT,
  });
}

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

/** To the next power of two, by the last key once more. */
function fillUp(keys: readonly string[]): string[] {
  const size = 2 ** Math.ceil(Math.log2(keys.length));
  return Array.from({ length: size }, (_, index) => keys[Math.min(index, keys.length - 1)] ?? '');
}
