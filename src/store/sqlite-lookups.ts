import type { DataSource } from 'typeorm';
import { AbstractSqliteDriver } from 'typeorm/driver/sqlite-abstract/AbstractSqliteDriver.js';
import { ownText } from '../own-text.js';
import { asAppError } from './database-errors.js';
import { keyText, lookupsBy, type Found, type Key, type Lookups, type Table } from './lookups.js';
import { batchByTurn } from './turn-batch.js';

/**
 * Enough to share a transaction by, and few enough: a turn may bring hundreds, which are answered before
 * the next are read, while what they need is in the processor's caches.
 */
const AT_ONCE = 16;
/** What is kept of a table, found or not: some 5 MB of deploy tokens. */
const MAX_KEPT = 10_000;

/** What is used here of the connection that better-sqlite3 made for TypeORM. */
interface Connection {
  readonly prepare: (sql: string) => Statement;
  /** The same function, all that it reads being of one moment. */
  readonly transaction: <A, R>(work: (argument: A) => R) => (argument: A) => R;
}

interface Statement {
  readonly get: (...keys: Key[]) => unknown;
  /** Gives the first column alone. */
  readonly pluck: () => Statement;
}

/**
 * All that a turn asks is read in one transaction, which saves most of SQLite's locking.
 *
 * What was found is kept for as long as SQLite itself says, in the same transaction, that nobody has
 * written: `PRAGMA data_version` differs as soon as another connection has committed anything. That
 * holds where this connection does not write itself: `onlyReads`.
 */
export function sqliteLookups(
  reader: DataSource,
  { onlyReads }: { readonly onlyReads: boolean },
): Lookups {
  const connection = connectionOf(reader);
  const dataVersion = connection.prepare('PRAGMA data_version').pluck();
  let version: unknown = null;

  const readTogether = connection.transaction((reads: readonly (() => void)[]) => {
    version = onlyReads ? dataVersion.get() : Symbol('a version of its own each time');
    return reads.map((read) => {
      read();
      return null;
    });
  });
  const inOneTransaction = batchByTurn<() => void, null>({
    async load(reads) {
      try {
        return await Promise.resolve(readTogether(reads));
      } catch (error) {
        throw asAppError(error);
      }
    },
    atMost: AT_ONCE,
    inFlight: 1,
  });

  return lookupsBy(<T>({ select, toEntity }: Table<T>) => {
    const kept = new Map<string, Found<T> | null>();
    let keptAt: unknown = null;
    let statement: Statement | null = null;

    function find(key: Key): Found<T> | null {
      // Prepared at the first use, when the tables are there.
      statement ??= connection.prepare(`${select} = ?`);
      const row = statement.get(key);
      return row === undefined ? null : once(() => toEntity(row));
    }

    function findOrKept(key: Key): Found<T> | null {
      if (version !== keptAt || kept.size >= MAX_KEPT) {
        kept.clear();
        keptAt = version;
      }
      const name = keyText(key);
      let found = kept.get(name);
      if (found === undefined) {
        found = find(key);
        kept.set(ownText(name), found);
      }
      return found;
    }

    return async (keys) => {
      const all: Found<T>[] = [];
      await inOneTransaction(() => {
        for (const key of keys) {
          const found = findOrKept(key);
          if (found !== null) {
            all.push(found);
          }
        }
      });
      return all;
    };
  });
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
