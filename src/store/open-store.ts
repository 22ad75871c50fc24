import { setTimeout as pause } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { AppError } from '../access/errors.js';
import { accessTokenStore, type AccessTokenStore } from './access-token-store.js';
import { auditStore, type AuditStore } from './audit-store.js';
import { asUnknownOutcome, isConflict, withAppErrors } from './database-errors.js';
import { deployTokenStore, type DeployTokenStore } from './deploy-token-store.js';
import { deployTokenUseStore, type DeployTokenUseStore } from './deploy-token-use-store.js';
import type { LookUp } from './lookups.js';
import { memberStore, type MemberStore } from './member-store.js';
import { migrateDatabase, needsMigration } from './migrate.js';
import { mysqlLookUp } from './mysql-lookups.js';
import type { PoolLoad } from './mysql-pool.js';
import {
  openDatabase,
  openReader,
  SQLITE_BUSY_MS,
  type DatabaseSettings,
} from './open-database.js';
import { projectStore, type ProjectStore } from './project-store.js';
import { sessionStore, type SessionStore } from './session-store.js';
import { setupLinkStore, type SetupLinkStore } from './setup-link-store.js';
import { sqliteLookUp } from './sqlite-lookups.js';
import { tablesFor, WriteLock, type Tables } from './tables.js';
import { inTransaction } from './transaction.js';
import { turns } from './turns.js';
import { userStore, type UserStore } from './user-store.js';

/** Of one transaction that others keep getting in the way of. */
const WRITE_ATTEMPTS = 6;
const RETRY_PAUSE_MS = 10;

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
  /** What the doors ask at each request. */
  readonly lookUp: LookUp;
  /**
   * Runs writes as one transaction, one at a time on the whole database: rules over several rows,
   * such as "no project lies under another", hold without a race, replicas included.
   *
   * The work runs again when the transaction was rolled back because of another replica's, so it does
   * nothing outside the database that cannot be done twice.
   */
  readonly write: <T>(work: (stores: Stores) => Promise<T>) => Promise<T>;
  /** Names of the migrations that were run: none when the schema was up to date. */
  readonly migrate: () => Promise<string[]>;
  readonly needsMigration: () => Promise<boolean>;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  /** Of the connections to MySQL; null for SQLite. */
  readonly poolLoad: () => PoolLoad | null;
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
  settings: DatabaseSettings,
  { migrate }: { readonly migrate: boolean },
): Promise<OpenedStore> {
  const store = await openStore(settings);
  try {
    if (migrate || settings.url.type === 'sqlite') {
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

async function openStore(settings: DatabaseSettings): Promise<Store> {
  const { type } = settings.url;
  const tables = tablesFor(type);
  const { db, poolLoad } = await openDatabase(settings, tables.all);
  const reader = await openReader(settings, db);
  // One at a time in this process: TypeORM has one connection to SQLite, and a second transaction on it
  // would join the first; on MySQL they would only wait for the lock, each with a connection.
  const inTurn = turns(type === 'sqlite' ? SQLITE_BUSY_MS : settings.timeoutMs);

  async function transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    let isCommitting = false;
    try {
      return await inTransaction(db, async (manager) => {
        // Also makes SQLite's transaction a writer from its first statement: one that began as
        // a reader is refused (SQLITE_BUSY_SNAPSHOT) when another process wrote in between.
        await manager.increment(WriteLock, { id: 1 }, 'writes', 1);
        const result = await work(storesOn(manager, tables));
        isCommitting = true;
        return result;
      });
    } catch (error) {
      throw isCommitting ? asUnknownOutcome(error) : error;
    }
  }

  return {
    ...storesWithAppErrors(db.manager, tables),
    lookUp:
      type === 'sqlite' ? sqliteLookUp(reader, { onlyReads: reader !== db }) : mysqlLookUp(reader),
    ...withAppErrors({
      async write<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
        return await inTurn(async () => await repeatConflicts(async () => await transaction(work)));
      },
      async migrate() {
        return await migrateDatabase(settings, db);
      },
      async needsMigration() {
        return await needsMigration(db);
      },
      async ping() {
        await db.query('SELECT 1');
      },
    }),
    poolLoad,
    async close() {
      if (reader !== db) {
        await reader.destroy();
      }
      await db.destroy();
    },
  };
}

async function repeatConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = WRITE_ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0 || !isConflict(error)) {
        throw error;
      }
      await pause(RETRY_PAUSE_MS * (1 + Math.random()) * (WRITE_ATTEMPTS - left));
    }
  }
}

/** For use outside a transaction. Within one, `write` has to see what the driver threw. */
function storesWithAppErrors(manager: EntityManager, tables: Tables): Stores {
  const stores = storesOn(manager, tables);
  return {
    users: withAppErrors(stores.users),
    projects: withAppErrors(stores.projects),
    members: withAppErrors(stores.members),
    deployTokens: withAppErrors(stores.deployTokens),
    deployTokenUses: withAppErrors(stores.deployTokenUses),
    accessTokens: withAppErrors(stores.accessTokens),
    sessions: withAppErrors(stores.sessions),
    setupLinks: withAppErrors(stores.setupLinks),
    auditEvents: withAppErrors(stores.auditEvents),
  };
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
