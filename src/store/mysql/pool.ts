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
import { numberOf } from './failures.js';
import type { DatabaseHost, MysqlLocation } from './mysql.js';
import { createPlaces, NoPlace, type Places } from './places.js';
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
  /** A connection to keep for longer: it is given back as soon as somebody waits for one. */
  readonly borrow: (deadline: number) => Promise<Loan>;
  /** For who borrows: is told when somebody has to wait for a connection. */
  readonly addKeeper: (keeper: Keeper) => void;
  readonly isWanted: () => boolean;
}

/** Who keeps connections beyond one statement. */
export interface Keeper {
  /** Releases those that are not in use. */
  readonly giveBack: () => void;
  /** How many those are. */
  readonly unused: () => number;
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
  readonly places: Places;
  readonly prepared: WeakSet<object>;
}

/** A connection on loan, which ends by one of the two. */
export interface Loan {
  readonly connection: PoolConnection;
  readonly release: () => void;
  /** For a connection that failed with its host: the next loan is from another one. */
  readonly leaveHost: () => void;
}

const KEEP_ALIVE_MS = 10_000;
/** Shorter than the `wait_timeout` of our sessions: the server never ends one that is about to be used. */
const IDLE_MS = 20_000;

// Too many connections: of all, of this user, of this user's resources.
const SERVER_FULL = [1040, 1203, 1226];
// Node not ready (Galera), shutdown, read-only (a primary that is none any more),
// connection killed, ended for inactivity.
const HOST_AWAY = new Set([...SERVER_FULL, 1047, 1053, 1290, 1792, 1836, 1927, 4031]);
/** What may be sent again on another connection, nothing having been done on the first. */
const REPEATABLE = /^\s*(SELECT|START TRANSACTION)\b/i;

export function openMysqlPool(options: MysqlOptions): MysqlPool {
  const { timeoutMs } = options;
  const keepers: Keeper[] = [];
  function wanted(): void {
    for (const keeper of keepers) {
      keeper.giveBack();
    }
  }
  const hosts = options.location.hosts.map((host) => openHost(options, { host, wanted }));
  /** Of a statement that could still be sent to the next host in time. */
  const shareMs = timeoutMs / hosts.length;
  let inUse = 0;

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
        return await borrowFrom(host, deadline);
      } catch (error) {
        problem = error;
        if (error instanceof NoPlace) {
          break;
        }
        leave(host);
      }
    }
    throw away(problem);
  }

  /** Where the server has no connection left, it waits for one of those that there are. */
  async function borrowFrom(host: Host, deadline: number): Promise<Loan> {
    for (;;) {
      await host.places.take(deadline);
      try {
        return loanOf(host, await prepared(host, await anyConnection(host, deadline), deadline));
      } catch (error) {
        const mayWait = isServerFull(error) && host.places.serverIsFull();
        host.places.leave();
        if (!mayWait) {
          throw error;
        }
      }
    }
  }

  function loanOf(host: Host, connection: PoolConnection): Loan {
    return {
      connection,
      release() {
        connection.release();
        host.places.leave();
      },
      leaveHost() {
        connection.destroy();
        leave(host);
        host.places.leave();
      },
    };
  }

  async function prepared(
    host: Host,
    connection: PoolConnection,
    deadline: number,
  ): Promise<PoolConnection> {
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
    let loan = first;
    let isUsed = false;
    let broken: DatabaseAway | null = null;

    async function send(sql: string, values: Values, milliseconds: number): Promise<unknown> {
      if (broken !== null) {
        throw broken;
      }
      try {
        return await within(loan.connection.query({ sql, values }), { milliseconds });
      } catch (error) {
        if (isHostAway(error)) {
          broken = away(error);
          loan.leaveHost();
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
          loan = await borrow(deadline);
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

    return {
      promise: () => ({ query }),
      release() {
        // One that is broken was given up already.
        if (broken === null) {
          loan.release();
        }
      },
      listeners: () => loan.connection.connection.listeners('error'),
    };
  }

  async function take(): Promise<MysqlConnection> {
    const deadline = performance.now() + timeoutMs;
    return lend(await borrow(deadline), deadline);
  }

  function sumOf(count: (places: Places) => number): number {
    return hosts.reduce((sum, { places }) => sum + count(places), 0);
  }

  function waiting(): number {
    return sumOf((places) => places.waiting());
  }

  return {
    load() {
      const unused = keepers.reduce((sum, keeper) => sum + keeper.unused(), 0);
      return {
        used: sumOf((places) => places.used()) - unused,
        waiting: waiting(),
        limit: options.poolSize,
      };
    },
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
    borrow,
    addKeeper: (keeper) => keepers.push(keeper),
    isWanted: () => waiting() > 0,
  };
}

async function anyConnection({ pool }: Host, deadline: number): Promise<PoolConnection> {
  return await within(pool.getConnection(), {
    milliseconds: deadline - performance.now(),
    late: (unused) => unused.release(),
  });
}

function openHost(
  options: MysqlOptions,
  { host: { host, port }, wanted }: { readonly host: DatabaseHost; readonly wanted: () => void },
): Host {
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
    connectTimeout: Math.round(timeoutMs / location.hosts.length),
    keepAliveInitialDelay: KEEP_ALIVE_MS,
    supportBigNumbers: true,
    bigNumberStrings: true,
    // An object for a value would become SQL of its own otherwise.
    stringifyObjects: true,
    ...(tlsCa !== null && { ssl: { ca: tlsCa, verifyIdentity: true } }),
  };
  // As many as connections, so that mysql2's own queue stays empty.
  const places = createPlaces({ most: poolSize, queue: poolQueue, wanted });
  return { pool: createPool(pool), places, prepared: new WeakSet() };
}

function isServerFull(error: unknown): boolean {
  return SERVER_FULL.includes(numberOf(error));
}

export function isHostAway(error: unknown): boolean {
  return (
    error instanceof DatabaseAway ||
    (error instanceof Error && 'fatal' in error && error.fatal === true) ||
    HOST_AWAY.has(numberOf(error))
  );
}

export function away(error: unknown): DatabaseAway {
  return error instanceof DatabaseAway
    ? error
    : new DatabaseAway(error instanceof Error ? error.message : 'no host answers in time', {
        cause: error,
      });
}
