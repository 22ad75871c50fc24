/** What the store asks of a database. Each kind lies in a folder of its own; `databases.ts` lists them. */

import type { DataSource, EntityManager, EntitySchema } from 'typeorm';
import type { Failures } from './database-errors.js';
import type { Finder, LookUp } from './lookups.js';
import type { UpsertWords } from './upsert.js';

export interface DatabaseKind<Location> {
  /** How its URLs look, for who mistyped one. */
  readonly form: string;
  /** Null for a URL of another form. */
  readonly parseUrl: (text: string) => Location | null;
  /** Throws an AppError that says why, for a database that cannot be reached. */
  readonly open: (location: Location, request: OpenRequest) => Promise<Database>;
}

export interface OpenRequest {
  readonly limits: ConnectionLimits;
  readonly tables: readonly EntitySchema[];
  /** Whether a database that is a file may come to be. */
  readonly mayCreate: boolean;
}

/** Of the connections to a database server. */
export interface ConnectionLimits {
  readonly poolSize: number;
  /** How many statements may wait for a connection. */
  readonly poolQueue: number;
  readonly timeoutMs: number;
  /** The path of a PEM file. */
  readonly tlsCa?: string | undefined;
}

export interface Database {
  readonly db: DataSource;
  readonly lookUp: LookUp;
  readonly finder: Finder;
  /** Runs the work as one transaction. Not called again before the one before has ended. */
  readonly transaction: <T>(work: (manager: EntityManager) => Promise<T>) => Promise<T>;
  /** How long a write may wait for those before it in this process. */
  readonly writePatienceMs: number;
  /** Whether replicas of other versions may use it, so that it is migrated only when told to. */
  readonly isShared: boolean;
  /** Names of the migrations that were run. Several processes may start at once: one of them migrates. */
  readonly migrate: () => Promise<string[]>;
  readonly failures: Failures;
  readonly upsert: UpsertWords;
  /** Null for a database without a pool. */
  readonly poolLoad: () => PoolLoad | null;
  readonly close: () => Promise<void>;
}

/** A database that is a file: what is done to it apart from the service. */
export interface DatabaseFile {
  readonly path: string;
  readonly exists: () => Promise<boolean>;
  /** Whether whoever used it last was killed; also true while somebody uses it. */
  readonly hasEndedUncleanly: () => Promise<boolean>;
  /** Throws `unavailable` when it is damaged. */
  readonly check: () => Promise<void>;
  /** To a file that is not there, as of one moment; the service may go on. */
  readonly copyTo: (target: string) => Promise<void>;
  /** Throws `conflict` while somebody has it open. */
  readonly requireUnused: () => Promise<void>;
  /** Renames it, with what belongs to it: changes that a crash has left beside it are its own alone. */
  readonly putAside: (suffix: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

export interface PoolLoad {
  /** On loan: to a statement, or to a transaction for all of it. */
  readonly used: number;
  /** Statements that wait for a connection since all are in use. */
  readonly waiting: number;
  /** The most connections there may be to the host in use. */
  readonly limit: number;
}
