import { mkdir, open, readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { dirname } from 'node:path';
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
  const opened =
    url.type === 'sqlite' ? await sqlite(url.file, entities) : await mysql(settings, url, entities);
  await opened.db.initialize();
  return opened;
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
    prepareDatabase: limitCache,
    entities,
    migrations: MIGRATIONS,
  });
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
    prepareDatabase: limitCache,
  });
  try {
    return await reader.initialize();
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function limitCache(db: { readonly pragma: (text: string) => unknown }): void {
  db.pragma(`cache_size = -${SQLITE_CACHE_KB}`);
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
