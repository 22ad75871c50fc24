import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { BetterSqlite3DataSourceOptions } from 'typeorm/driver/better-sqlite3/BetterSqlite3DataSourceOptions.js';
import { AppError } from '../../access/errors.js';
import { giveToOwnerOf, makeFolder } from '../../file-owner.js';
import type { Database, OpenRequest } from '../database.js';
import { runPending } from '../migrate.js';
import { MIGRATIONS } from '../migrations/index.js';
import type { UpsertWords } from '../upsert.js';
import { SQLITE_FAILURES } from './failures.js';
import { sqliteLookUps } from './lookups.js';
import { startQueryThread } from './query-thread.js';
import type { SqliteLocation } from './sqlite.js';
import { askThread } from './thread-query-runner.js';
import { inTransaction } from './transaction.js';

/** How long a writer waits for another process, such as the command line, on the same file. */
const BUSY_MS = 5000;

/**
 * Kilobytes of pages that a connection keeps. better-sqlite3's 16 MB, filled by a large database, are
 * wasted: we keep the rows that were looked up, and every commit of another connection empties the cache.
 */
const CACHE_KB = 2000;

const PAUSE_MS = 10;

const SQLITE_UPSERT: UpsertWords = {
  orUpdate: (...key) => `ON CONFLICT (${key.join(', ')}) DO UPDATE SET`,
  given: (column) => `excluded.${column}`,
};

export async function openSqlite(
  { file }: SqliteLocation,
  { tables, mayCreate }: OpenRequest,
): Promise<Database> {
  if (file === ':memory:') {
    return await openMemory(tables);
  }
  await (mayCreate ? makeFile(file) : requireFile(file));
  return await openFile(file, tables);
}

/** All on one connection, which is gone with the process. */
async function openMemory(tables: readonly EntitySchema[]): Promise<Database> {
  const db = await initialized({ database: ':memory:', entities: tables.map(inSqlite) });
  return {
    ...databaseOn(db),
    ...sqliteLookUps(db, { onlyReads: false }),
    migrate: async () => await runPending(db),
    close: async () => await db.destroy(),
  };
}

/**
 * Two connections. That of the stores is a thread's (see query-thread.ts); the other one only reads, for the
 * lookups of the doors: on that of the stores, a lookup would wait for all that is asked before it, and see
 * what a transaction has written and not yet committed.
 */
async function openFile(file: string, tables: readonly EntitySchema[]): Promise<Database> {
  const thread = startQueryThread({ file, timeoutMs: BUSY_MS, cacheKb: CACHE_KB });
  try {
    const opened = whileOthersStart(/locked/, async () => await thread.ask('SELECT 1', []));
    const [db] = await Promise.all([
      initialized({
        database: file,
        readonly: true,
        entities: tables.map(inSqlite),
        prepareDatabase: limitCache,
      }),
      opened,
    ]);
    askThread(db, thread);
    await endBusyWaits(db);
    return {
      ...databaseOn(db),
      ...sqliteLookUps(db, { onlyReads: true }),
      migrate: async () => await migrate(file),
      async close() {
        await db.destroy();
        await thread.close();
      },
    };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

function databaseOn(
  db: DataSource,
): Omit<Database, keyof ReturnType<typeof sqliteLookUps> | 'migrate' | 'close'> {
  return {
    db,
    // TypeORM has one connection: a second transaction on it would join the first.
    transaction: async (work) => await inTransaction(db, work, BUSY_MS),
    writePatienceMs: BUSY_MS,
    isShared: false,
    failures: SQLITE_FAILURES,
    upsert: SQLITE_UPSERT,
    poolLoad: () => null,
  };
}

type Options = Omit<BetterSqlite3DataSourceOptions, 'type' | 'timeout' | 'migrations'>;

async function initialized(options: Options): Promise<DataSource> {
  const db = new DataSource({
    ...options,
    type: 'better-sqlite3',
    timeout: BUSY_MS,
    migrations: MIGRATIONS,
  });
  await whileOthersStart(/locked/, async () => await db.initialize());
  return db;
}

async function makeFile(file: string): Promise<void> {
  await makeFolder(dirname(file), 0o700);
  // Password hashes will be in there: nobody else on the host reads it, not even for a moment.
  const handle = await open(file, 'a', 0o600);
  try {
    if ((await handle.stat()).size === 0) {
      await giveToOwnerOf(dirname(file), handle);
    }
  } finally {
    await handle.close();
  }
}

/** An empty database in another folder would answer that there are no projects. */
async function requireFile(file: string): Promise<void> {
  try {
    await (await open(file, 'r')).close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
    throw new AppError(
      'unavailable',
      `There is no database at ${resolve(file)}. Run this in the folder of the service, or let ` +
        'PULLGATE_CONFIG name its configuration file. The service makes a database at its first start, ' +
        '`pullgate migrate` without it.',
    );
  }
}

/** While the database is opened nobody is served yet; from then on whoever needs a lock asks for it again. */
async function endBusyWaits(db: DataSource): Promise<void> {
  await db.query('PRAGMA busy_timeout = 0');
}

function limitCache(connection: { readonly pragma: (text: string) => void }): void {
  connection.pragma(`cache_size = -${CACHE_KB}`);
}

/**
 * Processes that open a new file together all find it empty, and all but one then fail to create what is
 * there by now. Each migration commits whole, so whoever failed just looks again.
 */
async function migrate(file: string): Promise<string[]> {
  const db = await initialized({ database: file, entities: [] });
  try {
    return await whileOthersStart(
      /already exists|duplicate column|locked/,
      async () => await runPending(db),
    );
  } finally {
    await db.destroy();
  }
}

/**
 * Repeats work that failed because another process does the same to the same new file. SQLite does not wait
 * for the other one where each would have to wait for the other.
 */
async function whileOthersStart<T>(inTheWay: RegExp, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + BUSY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline || !inTheWay.test(String(error))) {
        throw error;
      }
    }
    await pause(PAUSE_MS * (1 + Math.random()));
  }
}

function inSqlite({ options }: EntitySchema): EntitySchema {
  const columns = Object.entries(options.columns).map(
    ([name, column]) => [name, column?.type === 'binary' ? asBlob(column) : column] as const,
  );
  return new EntitySchema(Object.assign({}, options, { columns: Object.fromEntries(columns) }));
}

/** SQLite has no binary text of a fixed length. */
function asBlob({
  length: _length,
  ...column
}: EntitySchemaColumnOptions): EntitySchemaColumnOptions {
  return { ...column, type: 'blob' };
}
