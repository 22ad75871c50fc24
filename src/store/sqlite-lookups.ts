import type { DataSource } from 'typeorm';
import { AbstractSqliteDriver } from 'typeorm/driver/sqlite-abstract/AbstractSqliteDriver.js';
import { lookupsBy, SELECT, type Kind, type Lookups, type Question, type Rows } from './lookups.js';

/** More than a turn of a busy process brings. */
const AT_ONCE = 1024;

/** What is used here of the connection that better-sqlite3 made for TypeORM. */
interface Connection {
  readonly prepare: (sql: string) => { readonly get: (key: unknown) => unknown };
  /** The same function, all that it reads being of one moment. */
  readonly transaction: <A, R>(work: (argument: A) => R) => (argument: A) => R;
}

/** All that a turn asks is read in one transaction, which saves most of SQLite's locking. */
export function sqliteLookups(reader: DataSource): Lookups {
  const connection = connectionOf(reader);
  const statements = new Map<Kind, ReturnType<Connection['prepare']>>();

  function rowsOf({ kind, keys }: Question): Rows {
    // Prepared at the first use, when the tables are there.
    const statement = statements.get(kind) ?? connection.prepare(`${SELECT[kind]} = ?`);
    statements.set(kind, statement);
    return keys.map((key) => statement.get(key)).filter((row) => row !== undefined);
  }

  const loadTogether = connection.transaction((questions: readonly Question[]) =>
    questions.map(rowsOf),
  );
  return lookupsBy({
    load: async (questions) => await Promise.resolve(loadTogether(questions)),
    atMost: AT_ONCE,
    inFlight: 1,
  });
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
