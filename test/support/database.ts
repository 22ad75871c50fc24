/** Databases for the tests: SQLite files, and MySQL or MariaDB servers of their own. */

import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import {
  startOwnProcess,
  waitUntilReady,
  type OwnProcess,
} from '../../src/quickstart/own-process.js';
import { parseDatabaseUrl, type DatabaseSettings } from '../../src/store/databases.js';
import { findSystemProgram } from './docker-engine.js';
import { freePort, runOrThrow, temporaryFolder, type TemporaryFolder } from './run.js';

/** Longer than the default: the suites run beside others on small machines. */
const TIMEOUT_MS = 10_000;
const STOP_MS = 20_000;

/** A password that a URL has to escape. */
const PASSWORD = 'p@ss/w:rd %1';

/** A server that was set up by somebody who had other things in mind than us. */
export const CONTRARY = [
  '--default-time-zone=+13:00',
  '--character-set-server=latin1',
  '--collation-server=latin1_swedish_ci',
  '--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES',
  '--transaction-isolation=READ-UNCOMMITTED',
];

export interface DatabaseServer {
  readonly description: string;
  /** The URL of a new, empty database. */
  readonly createDatabase: () => Promise<string>;
  /** Runs statements as its administrator; what the last one returned. */
  readonly administer: Administer;
  readonly stop: () => Promise<void>;
}

/** One whose process can be tormented. */
export interface OwnDatabaseServer extends DatabaseServer {
  readonly port: number;
  /** Ends it in good order, and leaves its data. */
  readonly shutDown: () => Promise<void>;
  readonly kill: () => Promise<void>;
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** After `shutDown` or `kill`, on the same port. */
  readonly startAgain: () => Promise<void>;
}

export function sqliteSettings(file: string): DatabaseSettings {
  return settingsFor(`sqlite:${file}`);
}

export function settingsFor(
  text: string,
  overrides: Partial<DatabaseSettings> = {},
): DatabaseSettings {
  const url = parseDatabaseUrl(text);
  if (url === null) {
    throw new Error('This is no URL of a database.');
  }
  return { url, poolSize: 10, poolQueue: 256, timeoutMs: TIMEOUT_MS, ...overrides };
}

export interface MariadbOptions {
  readonly flags?: readonly string[];
  /** Of the first start alone. */
  readonly firstFlags?: readonly string[];
  /** Who it runs as, when these tests run as root. */
  readonly account?: string;
  /** Whether one that answers is ready, too. */
  readonly isReady?: (administer: Administer) => Promise<boolean>;
}

/** A private MariaDB on a free port, which leaves the machine's own alone. */
export async function startMariadb(options: MariadbOptions = {}): Promise<OwnDatabaseServer> {
  const program = await findSystemProgram('mariadbd');
  const installer = await findSystemProgram('mariadb-install-db');
  if (program === null || installer === null) {
    throw new Error(
      'These tests need MariaDB: apt-get update && apt-get install -y --no-install-recommends mariadb-server',
    );
  }
  const { flags = [], account = 'root' } = options;
  const folder = await temporaryFolder('pullgate-mariadb');
  const isRoot = process.getuid?.() === 0;
  const common = [
    '--no-defaults',
    ...(isRoot ? [`--user=${account}`] : []),
    `--datadir=${join(folder.path, 'data')}`,
  ];
  if (isRoot) {
    await runOrThrow('chown', [account, folder.path]);
  }
  const login = ['--auth-root-authentication-method=normal', '--skip-test-db'];
  await runOrThrow(installer, [...common, ...login]);
  const port = await freePort();
  const address = [`--port=${port}`, '--bind-address=127.0.0.1', '--skip-name-resolve'];
  const socket = `--socket=${join(folder.path, 'socket')}`;
  const frugal = ['--innodb-buffer-pool-size=64M', '--innodb-flush-log-at-trx-commit=2'];
  const args = [...common, ...address, socket, ...frugal, ...flags];
  return await serverOf(folder, { program, args, port, options });
}

async function serverOf(
  folder: TemporaryFolder,
  {
    program,
    args,
    port,
    options,
  }: {
    readonly program: string;
    readonly args: readonly string[];
    readonly port: number;
    readonly options: MariadbOptions;
  },
): Promise<OwnDatabaseServer> {
  const { firstFlags = [], isReady = answers } = options;
  const administer = administratorOf(`mysql://root@127.0.0.1:${port}/mysql`);
  let own: OwnProcess;
  async function start(more: readonly string[]): Promise<void> {
    own = startOwnProcess(program, [...args, ...more], { stopTimeoutMs: STOP_MS });
    await waitUntilReady(own, program, async () => await isReady(administer).catch(() => false));
  }
  async function shutDown(): Promise<void> {
    own.signal('SIGCONT');
    await own.stop();
  }
  await start(firstFlags);
  return {
    description: `a private ${program}`,
    port,
    administer,
    createDatabase: createDatabaseAt(`127.0.0.1:${port}`, administer),
    shutDown,
    async kill() {
      own.signal('SIGKILL');
      await own.exited;
    },
    freeze: () => own.signal('SIGSTOP'),
    thaw: () => own.signal('SIGCONT'),
    startAgain: async () => await start([]),
    async stop() {
      await shutDown();
      await folder.remove();
    },
  };
}

async function answers(administer: Administer): Promise<boolean> {
  await administer('SELECT 1');
  return true;
}

export type Administer = (...statements: readonly string[]) => Promise<unknown>;

export function administratorOf(url: string): Administer {
  return async (...statements) => {
    const connection = await createConnection(url);
    try {
      let result: unknown = null;
      for (const statement of statements) {
        [result] = await connection.query(statement);
      }
      return result;
    } finally {
      connection.destroy();
    }
  };
}

let lastDatabase = 0;

/** The user of a database may do everything in it, and nothing outside of it. */
export function createDatabaseAt(
  hosts: string,
  administer: Administer,
): DatabaseServer['createDatabase'] {
  return async () => {
    lastDatabase += 1;
    const name = `pullgate_${lastDatabase}`;
    await administer(
      `CREATE DATABASE ${name}`,
      `CREATE USER ${name}@'%' IDENTIFIED BY '${PASSWORD}'`,
      `GRANT ALL ON ${name}.* TO ${name}@'%'`,
    );
    return `mysql://${name}:${encodeURIComponent(PASSWORD)}@${hosts}/${name}`;
  };
}
