import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm';
import { AppError } from '../access/errors.js';
import { accessTokenStore, type AccessTokenStore } from './access-token-store.js';
import { auditStore, type AuditStore } from './audit-store.js';
import { deployTokenStore, type DeployTokenStore } from './deploy-token-store.js';
import { deployTokenUseStore, type DeployTokenUseStore } from './deploy-token-use-store.js';
import { memberStore, type MemberStore } from './member-store.js';
import { Initial1700000000001 } from './migrations/0001-initial.js';
import { Web1700000000002 } from './migrations/0002-web.js';
import { DeployTokenUses1700000000004 } from './migrations/0004-deploy-token-uses.js';
import { AuditEvents1700000000005 } from './migrations/0005-audit-events.js';
import { projectStore, type ProjectStore } from './project-store.js';
import { sessionStore, type SessionStore } from './session-store.js';
import { setupLinkStore, type SetupLinkStore } from './setup-link-store.js';
import { tablesFor, WriteLock, type Tables } from './tables.js';
import { userStore, type UserStore } from './user-store.js';

export const MIGRATIONS = [
  Initial1700000000001,
  Web1700000000002,
  DeployTokenUses1700000000004,
  AuditEvents1700000000005,
];

/** How long a writer waits for another process, such as the command line, on the same SQLite file. */
const SQLITE_BUSY_MS = 5000;

const MIGRATION_ATTEMPTS = 5;

export type DatabaseLocation =
  | { readonly type: 'sqlite'; readonly file: string }
  | { readonly type: 'mysql'; readonly url: string };

export interface Stores {
  readonly users: UserStore;
  readonly projects: ProjectStore;
  readonly members: MemberStore;
  readonly deployTokens: DeployTokenStore;
  readonly deployTokenUses: DeployTokenUseStore;
  readonly accessTokens: AccessTokenStore;
  readonly sessions: SessionStore;
  readonly setupLinks: SetupLinkStore;
  readonly auditEvents: AuditStore;
}

export interface Store extends Stores {
  /**
   * Runs writes as one transaction, one at a time on the whole database: rules over several rows,
   * such as "no project lies under another", hold without a race, replicas included.
   */
  readonly write: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
  /** Names of the migrations that were run: none when the schema was up to date. */
  readonly migrate: () => Promise<string[]>;
  readonly needsMigration: () => Promise<boolean>;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface OpenedStore {
  readonly store: Store;
  /** Names of the migrations that were run first. */
  readonly migrations: readonly string[];
}

/**
 * Opens the store with this version's schema. SQLite is one process's own, so it is migrated without
 * asking; MySQL is shared with replicas of other versions, so only when told to.
 */
export async function openCurrentStore(
  location: DatabaseLocation,
  { migrate }: { readonly migrate: boolean },
): Promise<OpenedStore> {
  const store = await openStore(location);
  try {
    if (migrate || location.type === 'sqlite') {
      return { store, migrations: await store.migrate() };
    }
    if (await store.needsMigration()) {
      throw new AppError(
        'unavailable',
        'The database is older than this version. Run `pullgate migrate` first, or serve with --migrate.',
      );
    }
    return { store, migrations: [] };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore(location: DatabaseLocation): Promise<Store> {
  const tables = tablesFor(location.type);
  const db = new DataSource(await dataSourceOptions(location, tables));
  await db.initialize();
  // TypeORM has one connection to SQLite, and a second transaction on it would join the first.
  const inTurn = location.type === 'sqlite' ? turns() : immediately;

  return {
    ...storesOn(db.manager, tables),
    async write(work) {
      return await inTurn(
        async () =>
          await db.transaction(async (manager) => {
            // Also makes SQLite's transaction a writer from its first statement: one that began as
            // a reader is refused (SQLITE_BUSY_SNAPSHOT) when another process wrote in between.
            await manager.increment(WriteLock, { id: 1 }, 'writes', 1);
            return await work(storesOn(manager, tables));
          }),
      );
    },
    async migrate() {
      return await runMigrations(db);
    },
    async needsMigration() {
      return await db.showMigrations();
    },
    async ping() {
      await db.query('SELECT 1');
    },
    async close() {
      await db.destroy();
    },
  };
}

export async function dataSourceOptions(
  location: DatabaseLocation,
  tables: Tables,
): Promise<DataSourceOptions> {
  const common = { entities: tables.all, migrations: MIGRATIONS };
  if (location.type === 'mysql') {
    return { ...common, type: 'mysql', url: location.url };
  }
  if (location.file !== ':memory:') {
    await mkdir(dirname(location.file), { recursive: true, mode: 0o700 });
    // Password hashes will be in there: nobody else on the host reads it, not even for a moment.
    await (await open(location.file, 'a', 0o600)).close();
  }
  return {
    ...common,
    type: 'better-sqlite3',
    database: location.file,
    enableWAL: true,
    timeout: SQLITE_BUSY_MS,
  };
}

/**
 * Processes that open a new SQLite file together all find it empty, and all but one then fail to
 * create what is there by now. Each migration commits whole, so whoever failed just looks again.
 */
async function runMigrations(db: DataSource): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await db.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    } catch (error) {
      if (attempt === MIGRATION_ATTEMPTS || !/already exists|locked/.test(String(error))) {
        throw error;
      }
    }
  }
}

function storesOn(manager: EntityManager, tables: Tables): Stores {
  return {
    users: userStore(manager),
    projects: projectStore(manager),
    members: memberStore(manager),
    deployTokens: deployTokenStore(manager, tables.deployTokens),
    deployTokenUses: deployTokenUseStore(manager),
    accessTokens: accessTokenStore(manager, tables.accessTokens),
    sessions: sessionStore(manager, tables),
    setupLinks: setupLinkStore(manager, tables.setupLinks),
    auditEvents: auditStore(manager),
  };
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

async function immediately<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}

function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return async (work) => {
    const mine = last.then(work, work);
    last = mine;
    return await mine;
  };
}
