import type { DataSource } from 'typeorm';
import { AbstractSqliteDriver } from 'typeorm/driver/sqlite-abstract/AbstractSqliteDriver.js';
import type { OwnedPrefix } from '../../access/project.js';
import { ownText } from '../../own-text.js';
import { asAppError } from '../database-errors.js';
import {
  answerOf,
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
import { SQLITE_FAILURES } from './failures.js';

/**
 * Enough to share a transaction by, and few enough: a turn may bring hundreds, which are answered before
 * the next are read, while what they need is in the processor's caches.
 */
const AT_ONCE = 16;
/** Prefixes of one question: it is answered by itself. */
const MANY = 64;
/** What is kept of a table, there or not: some 5 MB of deploy tokens. */
const MAX_KEPT = 10_000;

/** What is used here of the connection that better-sqlite3 made for TypeORM. */
interface Connection {
  readonly prepare: (sql: string) => Statement;
  /** The same function, all that it reads being of one moment. */
  readonly transaction: <A, R>(work: (argument: A) => R) => (argument: A) => R;
}

interface Statement {
  readonly get: (...values: Key[]) => unknown;
  /** Gives the first column alone. */
  readonly pluck: () => Statement;
}

/**
 * What was found is kept for as long as SQLite itself says that nobody has written: `PRAGMA data_version`
 * differs as soon as another connection has committed anything. That holds where this connection does
 * not write itself: `onlyReads`.
 *
 * Where a row has to be read, all that a turn asks is read in one transaction, which saves most of
 * SQLite's locking.
 */
export function sqliteLookUps(
  reader: DataSource,
  { onlyReads }: { readonly onlyReads: boolean },
): { readonly lookUp: LookUp; readonly finder: Finder } {
  const connection = connectionOf(reader);
  const dataVersion = connection.prepare('PRAGMA data_version').pluck();
  const tables: { readonly forget: () => void }[] = [];
  const deployTokens = kept(DEPLOY_TOKENS);
  const ownedPrefixes = kept(OWNED_PREFIXES);
  let keptAt: unknown = null;

  function kept<T>(lookup: Lookup<T>): KeptRows<T> {
    const rows = keptRows(connection, lookup);
    tables.push(rows);
    return rows;
  }

  function forgetWhatMayHaveChanged(): void {
    const version = dataVersion.get();
    if (version !== keptAt || !onlyReads) {
      for (const table of tables) {
        table.forget();
      }
      keptAt = version;
    }
  }

  function findIn<T>(rows: KeptRows<T>, key: string): T | null {
    forgetWhatMayHaveChanged();
    return keptOrRead(rows, key)?.() ?? null;
  }

  /** Null where not all of it is there. */
  function answerBy(find: FindIn, { secretDigest, prefixes }: Question): (() => Answer) | null {
    const deployToken = secretDigest === null ? null : find(deployTokens, secretDigest);
    const found: Found<OwnedPrefix>[] = [];
    for (const prefix of prefixes) {
      const owned = find(ownedPrefixes, prefix);
      if (owned === undefined) {
        return null;
      }
      if (owned !== null) {
        found.push(owned);
      }
    }
    return deployToken === undefined ? null : () => answerOf(deployToken, found);
  }

  function answerAllBy(find: FindIn, questions: readonly Question[]): (() => Answer)[] | null {
    forgetWhatMayHaveChanged();
    const answers: (() => Answer)[] = [];
    for (const question of questions) {
      const answer = answerBy(find, question);
      if (answer === null) {
        return null;
      }
      answers.push(answer);
    }
    return answers;
  }

  const readTogether = connection.transaction((questions: readonly Question[]) =>
    answerAllBy(keptOrRead, questions),
  );

  function load(questions: readonly Question[]): readonly (() => Answer)[] {
    try {
      return answerAllBy(ifKept, questions) ?? readTogether(questions) ?? [];
    } catch (error) {
      throw asAppError(error, SQLITE_FAILURES);
    }
  }

  const few = batchByTurn<Question, Answer>({ load, atMost: AT_ONCE, inFlight: 1 });
  // What reads for milliseconds has a turn of the event loop to itself.
  const many = batchByTurn<Question, Answer>({
    load: async (questions) => await Promise.resolve(load(questions)),
    atMost: 1,
    inFlight: 1,
  });
  return {
    lookUp: async (question) => await (question.prefixes.length > MANY ? many : few)(question),
    finder(lookup) {
      const rows = kept(lookup);
      return async (key) => await Promise.resolve(findIn(rows, key));
    },
  };
}

interface KeptRows<T> {
  /** Null where there is no such row; undefined where nobody knows. */
  readonly kept: (key: string) => Found<T> | null | undefined;
  readonly read: (key: string) => Found<T> | null;
  readonly forget: () => void;
}

type FindIn = <T>(rows: KeptRows<T>, key: string) => Found<T> | null | undefined;

function ifKept<T>(rows: KeptRows<T>, key: string): Found<T> | null | undefined {
  return rows.kept(key);
}

function keptOrRead<T>(rows: KeptRows<T>, key: string): Found<T> | null {
  const known = rows.kept(key);
  return known === undefined ? rows.read(key) : known;
}

function keptRows<T>(
  connection: Connection,
  { select, toColumn, toEntity, example }: Lookup<T>,
): KeptRows<T> {
  const rows = new Map<string, Found<T> | null>();
  let statement: Statement | null = null;
  return {
    kept: (key) => rows.get(key),
    read(key) {
      // Prepared at the first use, when the tables are there.
      statement ??= connection.prepare(`${select} = ?`);
      const row = statement.get(toColumn(key));
      const found = row === undefined ? null : once(() => toEntity(row));
      if (found === null) {
        toEntity(example);
      }
      if (rows.size >= MAX_KEPT) {
        rows.clear();
      }
      rows.set(ownText(key), found);
      return found;
    },
    forget() {
      rows.clear();
    },
  };
}

function once<T>(make: () => T): Found<T> {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function connectionOf({ driver }: DataSource): Connection {
  const connection: unknown =
    driver instanceof AbstractSqliteDriver ? driver.databaseConnection : null;
  if (!isConnection(connection)) {
    throw new Error('the database is not one of better-sqlite3');
  }
  return connection;
}

function isConnection(value: unknown): value is Connection {
  return (
    typeof value === 'object' && value !== null && 'prepare' in value && 'transaction' in value
  );
}
