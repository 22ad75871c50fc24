import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { DataSource, type EntitySchema } from 'typeorm';
import { z } from 'zod';
import { AppError } from '../../access/errors.js';
import type { ConnectionLimits, Database, OpenRequest } from '../database.js';
import { DatabaseAway } from '../database-errors.js';
import { MIGRATIONS } from '../migrations/index.js';
import type { UpsertWords } from '../upsert.js';
import { MYSQL_FAILURES } from './failures.js';
import { mysqlFinder } from './finder.js';
import { mysqlLookUp } from './lookups.js';
import { MIGRATION_LIMITS, migrateAlone } from './migrate.js';
import type { MysqlLocation } from './mysql.js';
import { openMysqlPool, type MysqlPool } from './pool.js';
import { createReader } from './reader.js';

const MYSQL_UPSERT: UpsertWords = {
  orUpdate: () => 'ON DUPLICATE KEY UPDATE',
  given: (column) => `VALUES(${column})`,
};

const Version = z.tuple([z.tuple([z.object({ version: z.string() })]), z.unknown()]);

export async function openMysql(
  location: MysqlLocation,
  { limits, tables }: OpenRequest,
): Promise<Database> {
  const { db, pool } = await connect(location, limits, tables);
  return {
    db,
    lookUp: mysqlLookUp(
      createReader({ pool, timeoutMs: limits.timeoutMs, hosts: location.hosts.length }),
    ),
    finder: mysqlFinder(db),
    // Two at a time would only wait for the lock, each with a connection.
    transaction: async (work) => await db.transaction(work),
    writePatienceMs: limits.timeoutMs,
    isShared: true,
    async migrate() {
      const patient = await connect(location, { ...limits, ...MIGRATION_LIMITS }, []);
      return await migrateAlone(patient.db);
    },
    failures: MYSQL_FAILURES,
    upsert: MYSQL_UPSERT,
    poolLoad: pool.load,
    close: async () => await db.destroy(),
  };
}

interface Connected {
  readonly db: DataSource;
  readonly pool: MysqlPool;
}

async function connect(
  location: MysqlLocation,
  { poolSize, poolQueue, timeoutMs, tlsCa }: ConnectionLimits,
  tables: readonly EntitySchema[],
): Promise<Connected> {
  requireNames(location, tlsCa);
  const pool = openMysqlPool({
    location,
    poolSize,
    poolQueue,
    timeoutMs,
    tlsCa: tlsCa === undefined ? null : await readFile(tlsCa, 'utf8'),
  });
  const db = new DataSource({
    // TypeORM tells them apart only by this name, and sees changes that are none when it has the wrong one.
    type: (await isMariaDb(pool, location)) ? 'mariadb' : 'mysql',
    driver: { createPool: () => pool },
    database: location.database,
    entities: [...tables],
    migrations: MIGRATIONS,
  });
  await db.initialize();
  return { db, pool };
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
