import { setTimeout as pause } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { AppError } from '../access/errors.js';
import { accessTokenStore, type AccessTokenStore } from './access-token-store.js';
import { auditStore, type AuditStore } from './audit-store.js';
import { companionStore, type CompanionStore } from './companion-store.js';
import { clockStore, type ClockStore } from './clock-store.js';
import type { Database, PoolLoad } from './database.js';
import { asUnknownOutcome, isConflict, whyNotWritten, withAppErrors } from './database-errors.js';
import { openDatabase, type DatabaseSettings } from './databases.js';
import { denialStore, type DenialStore } from './denial-store.js';
import { deployTokenDayStore, type DeployTokenDayStore } from './deploy-token-day-store.js';
import {
  deployTokenOverviewStore,
  type DeployTokenOverviewStore,
} from './deploy-token-overview-store.js';
import { deployTokenStore, type DeployTokenStore } from './deploy-token-store.js';
import { deployTokenUseStore, type DeployTokenUseStore } from './deploy-token-use-store.js';
import { invitationStore, type InvitationStore } from './invitation-store.js';
import { lfsStore, type LfsStore } from './lfs-store.js';
import type { LookUp } from './lookups.js';
import { instanceStore, type InstanceStore } from './instance-store.js';
import { detailsStore, type DetailsStore } from './details-store.js';
import { memberStore, type MemberStore } from './member-store.js';
import { needsMigration } from './migrate.js';
import { namespaceStore, type NamespaceStore } from './namespace-store.js';
import { placeLookUps, type PlaceLookUps } from './place-lookups.js';
import { projectStore, type ProjectStore } from './project-store.js';
import { registryInventoryStore, type RegistryInventoryStore } from './registry-inventory-store.js';
import { sessionStore, type SessionStore } from './session-store.js';
import { setupLinkStore, type SetupLinkStore } from './setup-link-store.js';
import { TABLES, WriteLock } from './tables.js';
import { turns, type Turn } from './turns.js';
import type { UpsertWords } from './upsert.js';
import { userStore, type UserStore } from './user-store.js';

/** Of one transaction that others keep getting in the way of. */
const WRITE_ATTEMPTS = 6;
const RETRY_PAUSE_MS = 10;
/** Of what nobody in particular writes, such as last uses. */
const OWN_TURN: Turn = { actor: null };

export interface Stores {
  readonly users: UserStore;
  readonly projects: ProjectStore;
  readonly namespaces: NamespaceStore;
  readonly details: DetailsStore;
  readonly members: MemberStore;
  readonly companions: CompanionStore;
  readonly deployTokens: DeployTokenStore;
  readonly deployTokenUses: DeployTokenUseStore;
  readonly deployTokenDays: DeployTokenDayStore;
  readonly deployTokenOverview: DeployTokenOverviewStore;
  readonly accessTokens: AccessTokenStore;
  readonly sessions: SessionStore;
  readonly setupLinks: SetupLinkStore;
  readonly invitations: InvitationStore;
  readonly registryInventory: RegistryInventoryStore;
  readonly auditEvents: AuditStore;
  readonly denials: DenialStore;
  readonly instance: InstanceStore;
  readonly lfs: LfsStore;
  readonly clock: ClockStore;
}

export interface Store extends Stores {
  /** What the doors ask at each request. */
  readonly lookUp: LookUp;
  readonly places: PlaceLookUps;
  /**
   * Runs writes as one transaction, one at a time on the whole database: rules over several rows,
   * such as "no project lies under another", hold without a race, replicas included.
   *
   * Who waits is taken in turns by actor; one whose writes are too many in flight is refused.
   *
   * The work runs again when the transaction was rolled back because of another replica's, so it does
   * nothing outside the database that cannot be done twice.
   */
  readonly write: <T>(work: (stores: Stores) => Promise<T>, turn?: Turn) => Promise<T>;
  /** Names of the migrations that were run: none when the schema was up to date. */
  readonly migrate: () => Promise<string[]>;
  readonly needsMigration: () => Promise<boolean>;
  /** Throws when the database does not answer. */
  readonly ping: () => Promise<void>;
  /** How the last write of this process went. */
  readonly lastWrite: () => LastWrite;
  /** Null for a database without a pool. */
  readonly poolLoad: () => PoolLoad | null;
  readonly close: () => Promise<void>;
}

export interface LastWrite {
  /** By the clock that only counts up; null before the first. */
  readonly at: number | null;
  /** Why it failed, in a few words, if it lay with the database. */
  readonly problem: string | null;
}

export interface OpenedStore {
  readonly store: Store;
  /** Names of the migrations that were run first. */
  readonly migrations: readonly string[];
}

/**
 * Opens the store with this version's schema. A database that replicas of other versions share is migrated
 * only when told to, any other one always.
 */
export async function openCurrentStore(
  settings: DatabaseSettings,
  { migrate }: { readonly migrate: boolean },
): Promise<OpenedStore> {
  const database = await openDatabase(settings, TABLES);
  const store = storeOn(database);
  try {
    if (migrate || !database.isShared) {
      return { store, migrations: await store.migrate() };
    }
    await requireCurrent(store);
    return { store, migrations: [] };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** For a command: the database is there and has this version's schema, or it is refused. */
export async function openExistingStore(settings: DatabaseSettings): Promise<Store> {
  const store = storeOn(await openDatabase(settings, TABLES, false));
  try {
    await requireCurrent(store);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function requireCurrent(store: Store): Promise<void> {
  if (await store.needsMigration()) {
    throw new AppError(
      'unavailable',
      'The database is older than this version. Run `pullgate migrate` first, or serve with --migrate.',
    );
  }
}

function storeOn(database: Database): Store {
  const { db, failures, upsert } = database;
  const inTurn = turns(database.writePatienceMs);

  async function transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    let isCommitting = false;
    try {
      return await database.transaction(async (manager) => {
        // Also makes the transaction a writer from its first statement: SQLite refuses one that began as
        // a reader (SQLITE_BUSY_SNAPSHOT) when another process wrote in between.
        await manager.increment(WriteLock, { id: 1 }, 'writes', 1);
        const result = await work(storesOn(manager, upsert));
        isCommitting = true;
        return result;
      });
    } catch (error) {
      throw isCommitting ? asUnknownOutcome(error, failures) : error;
    }
  }

  async function repeatConflicts<T>(attempt: () => Promise<T>): Promise<T> {
    for (let left = WRITE_ATTEMPTS - 1; ; left -= 1) {
      try {
        return await attempt();
      } catch (error) {
        if (left === 0 || !isConflict(error, failures)) {
          throw error;
        }
        await pause(RETRY_PAUSE_MS * (1 + Math.random()) * (WRITE_ATTEMPTS - left));
      }
    }
  }

  let lastWrite: LastWrite = { at: null, problem: null };

  /** What the work itself throws, such as a rule, says nothing about the database. */
  async function noteOutcome<T>(write: () => Promise<T>): Promise<T> {
    try {
      const result = await write();
      lastWrite = { at: performance.now(), problem: null };
      return result;
    } catch (error) {
      const problem = whyNotWritten(error, failures);
      if (problem !== null) {
        lastWrite = { at: performance.now(), problem };
      }
      throw error;
    }
  }

  const functions = {
    async write<T>(work: (stores: Stores) => Promise<T>, turn: Turn = OWN_TURN): Promise<T> {
      return await inTurn(
        turn,
        async () =>
          await noteOutcome(async () => await repeatConflicts(async () => await transaction(work))),
      );
    },
    migrate: async () => ((await needsMigration(db)) ? await database.migrate() : []),
    needsMigration: async () => await needsMigration(db),
    async ping() {
      await db.query('SELECT 1');
    },
  };
  return {
    ...storesWithAppErrors(db.manager, database),
    ...withAppErrors(functions, failures),
    lastWrite: () => lastWrite,
    lookUp: database.lookUp,
    places: withAppErrors(placeLookUps(database.finder), failures),
    poolLoad: database.poolLoad,
    close: database.close,
  };
}

/** For use outside a transaction. Within one, `write` has to see what the driver threw. */
function storesWithAppErrors(
  manager: EntityManager,
  { failures, upsert }: Pick<Database, 'failures' | 'upsert'>,
): Stores {
  const stores = storesOn(manager, upsert);
  return {
    users: withAppErrors(stores.users, failures),
    projects: withAppErrors(stores.projects, failures),
    namespaces: withAppErrors(stores.namespaces, failures),
    details: withAppErrors(stores.details, failures),
    members: withAppErrors(stores.members, failures),
    companions: withAppErrors(stores.companions, failures),
    deployTokens: withAppErrors(stores.deployTokens, failures),
    deployTokenUses: withAppErrors(stores.deployTokenUses, failures),
    deployTokenDays: withAppErrors(stores.deployTokenDays, failures),
    deployTokenOverview: withAppErrors(stores.deployTokenOverview, failures),
    accessTokens: withAppErrors(stores.accessTokens, failures),
    sessions: withAppErrors(stores.sessions, failures),
    setupLinks: withAppErrors(stores.setupLinks, failures),
    invitations: withAppErrors(stores.invitations, failures),
    registryInventory: withAppErrors(stores.registryInventory, failures),
    auditEvents: withAppErrors(stores.auditEvents, failures),
    denials: withAppErrors(stores.denials, failures),
    instance: withAppErrors(stores.instance, failures),
    lfs: withAppErrors(stores.lfs, failures),
    clock: withAppErrors(stores.clock, failures),
  };
}

function storesOn(manager: EntityManager, upsert: UpsertWords): Stores {
  return {
    users: userStore(manager),
    projects: projectStore(manager),
    namespaces: namespaceStore(manager),
    details: detailsStore(manager),
    members: memberStore(manager),
    companions: companionStore(manager),
    deployTokens: deployTokenStore(manager),
    deployTokenUses: deployTokenUseStore(manager, upsert),
    deployTokenDays: deployTokenDayStore(manager, upsert),
    deployTokenOverview: deployTokenOverviewStore(manager),
    accessTokens: accessTokenStore(manager),
    sessions: sessionStore(manager),
    setupLinks: setupLinkStore(manager),
    invitations: invitationStore(manager),
    registryInventory: registryInventoryStore(manager),
    auditEvents: auditStore(manager),
    denials: denialStore(manager),
    instance: instanceStore(manager),
    lfs: lfsStore(manager),
    clock: clockStore(manager),
  };
}
