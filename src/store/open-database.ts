import { mkdir, open, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type EntitySchema } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../access/errors.js';
import { DatabaseAway } from './database-errors.js';
import type { DatabaseLocation, MysqlLocation } from './database-url.js';
import { MIGRATIONS } from './migrations/index.js';
import type { MysqlPool, PoolLoad } from './mysql-pool.js';

/** How long a writer waits for another process, such as the command line, on the same SQLite file. */
export const SQLITE_BUSY_MS = 5000;

/**
 * Kilobytes of pages that a connection to SQLite keeps. better-sqlite3's 16 MB, filled by a large database,
 * are for nothing: rows looked up are kept by us, and every commit of another connection empties it.
 */
const SQLITE_CACHE_KB = 2000;

const SQLITE_PAUSE_MS = 10;

export interface DatabaseSettings {
  readonly url: DatabaseLocation;
  // Of MySQL alone:
  readonly poolSize: number;
  readonly poolQueue: number;
  readonly timeoutMs: number;
  /** The path of a PEM file. */
  readonly tlsCa?: string | undefined;
}

const Version = z.tuple([z.tuple([z.object({ version: z.string() })]), z.unknown()]);

export interface OpenedDatabase {
  readonly db: DataSource;
  /** Null for SQLite, which has no pool. */
  readonly poolLoad: () => PoolLoad | null;
}

/** Throws an AppError that says why, for a database that cannot be reached. */
export async function openDatabase(
  settings: DatabaseSettings,
  entities: EntitySchema[],
): Promise<OpenedDatabase> {
  const { url } = settings;
  return url.type === 'sqlite'
    ? await sqlite(url.file, entities)
    : await mysql(settings, url, entities);
}

async function sqlite(file: string, entities: EntitySchema[]): Promise<OpenedDatabase> {
  if (file !== ':memory:') {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // Password hashes will be in there: nobody else on the host reads it, not even for a moment.
    await (await open(file, 'a', 0o600)).close();
  }
  const db = new DataSource({
    type: 'better-sqlite3',
    database: file,
    enableWAL: true,
    timeout: SQLITE_BUSY_MS,
    entities,
    migrations: MIGRATIONS,
  });
  await whileOthersStart(/locked/, async () => await db.initialize());
  await limitCache(db);
  return { db, poolLoad: () => null };
}

/**
 * The connection for lookups. On a SQLite file it is one of its own, which only reads: on that of the
 * stores, a lookup would see what a transaction of this process has written and not yet committed.
 */
export async function openReader({ url }: DatabaseSettings, db: DataSource): Promise<DataSource> {
  if (url.type === 'mysql' || url.file === ':memory:') {
    return db;
  }
  const reader = new DataSource({
    type: 'better-sqlite3',
    database: url.file,
    readonly: true,
    timeout: SQLITE_BUSY_MS,
  });
  try {
    await reader.initialize();
    await limitCache(reader);
    return reader;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * Repeats what failed since another process does the same to the same new SQLite file, which SQLite does
 * not always wait for: not where each would have to wait for the other.
 */
export async function whileOthersStart<T>(inTheWay: RegExp, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + SQLITE_BUSY_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline || !inTheWay.test(String(error))) {
        throw error;
      }
    }
    await pause(SQLITE_PAUSE_MS * (1 + Math.random()));
  }
}

/** Once it is open: this reads the schema, which would keep others that start now from opening theirs. */
async function limitCache(db: DataSource): Promise<void> {
  await db.query(`PRAGMA cache_size = -${SQLITE_CACHE_KB}`);
}

async function mysql(
  { poolSize, poolQueue, timeoutMs, tlsCa }: DatabaseSettings,
  location: MysqlLocation,
  entities: EntitySchema[],
): Promise<OpenedDatabase> {
  requireNames(location, tlsCa);
  // mysql2 takes 2 MB of memory, which a service on SQLite need not spend.
  const { openMysqlPool } = await import('./mysql-pool.js');
  const pool = openMysqlPool({
    location,
    poolSize,
    poolQueue,
    timeoutMs,
    tlsCa: tlsCa === undefined ? null : await readFile(tlsCa, 'utf8'),
  });
  const db = new DataSource({
    // TypeORM knows them apart by name alone, and sees changes that are none when it has the wrong one.
    type: (await isMariaDb(pool, location)) ? 'mariadb' : 'mysql',
    driver: { createPool: () => pool },
    database: location.database,
    entities,
    migrations: MIGRATIONS,
  });
  await db.initialize();
  return { db, poolLoad: pool.load };
}

/** mysql2 checks a certificate against names alone: by an address, any server of the CA would pass. */
function requireNames({ hosts }: MysqlLocation, tlsCa: string | undefined): void {
  const address = hosts.find(({ host }) => isIP(host) !== 0);
  if (tlsCa !== undefined && address !== undefined) {
    throw new AppError(
      'invalid_input',
      `With database.tls_ca, database.url must have names for its hosts: ${address.host} is an address.`,
    );
  }
}

async function isMariaDb(pool: MysqlPool, { hosts }: MysqlLocation): Promise<boolean> {
  try {
    const [[{ version }]] = Version.parse(await pool.query('SELECT VERSION() AS version'));
    return version.includes('MariaDB');
  } catch (error) {
    pool.end(() => {});
    if (error instanceof DatabaseAway) {
      const names = hosts.map(({ host, port }) => `${host}:${port}`).join(', ');
      throw new AppError(
        'unavailable',
        `The database at ${names} cannot be used: ${error.message}`,
        { cause: error },
      );
    }
    throw error;
  }
}
