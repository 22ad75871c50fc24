/**
 * Connections to the hosts of one MySQL or MariaDB cluster, by mysql2. TypeORM takes it for mysql2's own
 * pool. Every statement has a deadline, the wait for a connection included; the host in use stays in use
 * until it fails, so that the writers of all replicas meet on one node.
 */

import { performance } from 'node:perf_hooks';
import { callbackify } from 'node:util';
import {
  createPool,
  type Pool,
  type PoolConnection,
  type PoolOptions,
  type QueryOptions,
} from 'mysql2/promise';
import type { PoolLoad } from '../database.js';
import { DatabaseAway } from '../database-errors.js';
import type { DatabaseHost, MysqlLocation } from './mysql.js';
import { prepareSession } from './session.js';
import { within } from './within.js';

export interface MysqlOptions {
  readonly location: MysqlLocation;
  readonly poolSize: number;
  /** Statements that may wait for a connection; those past it fail at once. */
  readonly poolQueue: number;
  readonly timeoutMs: number;
  /** PEM; the connection is in clear text without it. */
  readonly tlsCa: string | null;
}

export interface MysqlPool {
  readonly load: () => PoolLoad;
  readonly getConnection: (
    callback: (error: Error | null, connection: MysqlConnection) => void,
  ) => void;
  readonly end: (callback: (error: Error | null) => void) => void;
  /** One statement, on whichever connection is free. */
  readonly query: (sql: string) => Promise<unknown>;
}

/** What TypeORM asks of a connection. */
export interface MysqlConnection {
  readonly promise: () => { readonly query: (sql: string, values?: Values) => Promise<unknown> };
  readonly release: () => void;
  readonly listeners: () => readonly unknown[];
}

type Values = QueryOptions['values'];

interface Host {
  readonly pool: Pool;
  readonly prepared: WeakSet<object>;
}

/** A connection on loan. */
interface Loan {
  readonly host: Host;
  readonly connection: PoolConnection;
}

const KEEP_ALIVE_MS = 10_000;
/** Shorter than the `wait_timeout` of our sessions: the server never ends one that is about to be used. */
const IDLE_MS = 20_000;

// Too many connections, node not ready (Galera), shutdown, read-only (a primary that is none any more),
// connection killed, ended for inactivity.
const HOST_AWAY = new Set([1040, 1047, 1053, 1290, 1792, 1836, 1927, 4031]);
/** What may be sent again on another connection, nothing having been done on the first. */
const REPEATABLE = /^\s*(SELECT|START TRANSACTION)\b/i;

export function openMysqlPool(options: MysqlOptions): MysqlPool {
  const { timeoutMs } = options;
  const hosts = options.location.hosts.map((host) => openHost(options, host));
  /** Of a statement that could still be sent to the next host in time. */
  const shareMs = timeoutMs / hosts.length;
  let inUse = 0;
  const lent = new Set<MysqlConnection>();
  let waiting = 0;

  function leave(host: Host): void {
    if (hosts[inUse] === host) {
      inUse = (inUse + 1) % hosts.length;
    }
  }

  /** From the host in use, or else from the first after it that answers. */
  async function borrow(deadline: number): Promise<Loan> {
    let problem: unknown = null;
    for (let tried = 0; tried < hosts.length && performance.now() < deadline; tried += 1) {
      const host = hosts[inUse];
      if (host === undefined) {
        break;
      }
      try {
        return { host, connection: await connect(host, deadline) };
      } catch (error) {
        problem = error;
        if (isQueueFull(error)) {
          break;
        }
        leave(host);
      }
    }
    throw away(problem);
  }

  async function connect(host: Host, deadline: number): Promise<PoolConnection> {
    const connection = await within(host.pool.getConnection(), {
      milliseconds: deadline - performance.now(),
      late: (unused) => unused.release(),
    });
    const core = connection.connection;
    if (!host.prepared.has(core)) {
      // Without a listener, an error between two statements would end the process.
      core.on('error', () => {});
      try {
        const milliseconds = Math.min(shareMs, deadline - performance.now());
        await within(prepareSession(connection, timeoutMs), { milliseconds });
      } catch (error) {
        connection.destroy();
        throw error;
      }
      host.prepared.add(core);
    }
    return connection;
  }

  function lend(first: Loan, deadline: number): MysqlConnection {
    let { host, connection } = first;
    let isUsed = false;
    let broken: DatabaseAway | null = null;

    async function send(sql: string, values: Values, milliseconds: number): Promise<unknown> {
      if (broken !== null) {
        throw broken;
      }
      try {
        return await within(connection.query({ sql, values }), { milliseconds });
      } catch (error) {
        if (isHostAway(error)) {
          broken = away(error);
          connection.destroy();
          leave(host);
          throw broken;
        }
        throw error;
      }
    }

    async function sendFirst(sql: string, values: Values): Promise<unknown> {
      for (let attempt = 1; ; attempt += 1) {
        const left = deadline - performance.now();
        try {
          return await send(sql, values, attempt < hosts.length ? Math.min(shareMs, left) : left);
        } catch (error) {
          if (broken === null || attempt > hosts.length || performance.now() >= deadline) {
            throw error;
          }
          ({ host, connection } = await borrow(deadline));
          broken = null;
        }
      }
    }

    async function query(sql: string, values?: Values): Promise<unknown> {
      const isFirst = !isUsed;
      isUsed = true;
      return isFirst && REPEATABLE.test(sql)
        ? await sendFirst(sql, values)
        : await send(sql, values, timeoutMs);
    }

    const borrowed: MysqlConnection = {
      promise: () => ({ query }),
      release() {
        lent.delete(borrowed);
        connection.release();
      },
      listeners: () => connection.connection.listeners('error'),
    };
    lent.add(borrowed);
    return borrowed;
  }

  async function take(): Promise<MysqlConnection> {
    const deadline = performance.now() + timeoutMs;
    waiting += 1;
    try {
      return lend(await borrow(deadline), deadline);
    } finally {
      waiting -= 1;
    }
  }

  return {
    load: () => ({
      used: lent.size,
      waiting: lent.size < options.poolSize ? 0 : waiting,
      limit: options.poolSize,
    }),
    getConnection: callbackify(take),
    end: callbackify(async () => {
      await Promise.all(hosts.map(async ({ pool }) => await pool.end()));
    }),
    async query(sql) {
      const connection = await take();
      try {
        return await connection.promise().query(sql);
      } finally {
        connection.release();
      }
    },
  };
}

function openHost(options: MysqlOptions, { host, port }: DatabaseHost): Host {
  const { location, poolSize, poolQueue, timeoutMs, tlsCa } = options;
  const pool: PoolOptions = {
    host,
    port,
    user: location.user,
    password: location.password.reveal(),
    database: location.database,
    charset: 'utf8mb4',
    connectionLimit: poolSize,
    // One below the limit, or mysql2 never ends an idle connection.
    maxIdle: poolSize - 1,
    idleTimeout: IDLE_MS,
    queueLimit: poolQueue,
    connectTimeout: Math.round(timeoutMs / location.hosts.length),
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // An object for a value would become SQL of its own otherwise.
    stringifyObjects: true,
    ...(tlsCa !== null && { ssl: { ca: tlsCa, verifyIdentity: true } }),
  };
  return { pool: createPool(pool), prepared: new WeakSet() };
}

function isQueueFull(error: unknown): boolean {
  return error instanceof Error && error.message === 'Queue limit reached.';
}

function isHostAway(error: unknown): boolean {
  return (
    error instanceof DatabaseAway ||
    (error instanceof Error &&
      (('fatal' in error && error.fatal === true) ||
        ('errno' in error && typeof error.errno === 'number' && HOST_AWAY.has(error.errno))))
  );
}

function away(error: unknown): DatabaseAway {
  return error instanceof DatabaseAway
    ? error
    : new DatabaseAway(error instanceof Error ? error.message : 'no host answers in time', {
        cause: error,
      });
}
