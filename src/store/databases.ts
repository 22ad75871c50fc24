import type { EntitySchema } from 'typeorm';
import type {
  ConnectionLimits,
  Database,
  DatabaseFile,
  DatabaseKind,
  OpenRequest,
} from './database.js';
import { MYSQL } from './mysql/mysql.js';
import { SQLITE } from './sqlite/sqlite.js';

/** By the `type` of their locations. Another kind of database is a folder beside these and a line here. */
const KINDS = { sqlite: SQLITE, mysql: MYSQL };

type Kinds = typeof KINDS;
type Locations = { [T in keyof Kinds]: Kinds[T] extends DatabaseKind<infer L> ? L : never };

/** Where a database is, as its URL says. */
export type DatabaseLocation = Locations[keyof Locations];

export interface DatabaseSettings extends ConnectionLimits {
  readonly url: DatabaseLocation;
}

export const DATABASE_URL_FORMS: readonly string[] = Object.values(KINDS).map(({ form }) => form);

/** Null for a URL of no known form. */
export function parseDatabaseUrl(text: string): DatabaseLocation | null {
  for (const kind of Object.values(KINDS)) {
    const location = kind.parseUrl(text);
    if (location !== null) {
      return location;
    }
  }
  return null;
}

/** Null for a database on a server, which has tools of its own, and for one in memory. */
export async function databaseFile(url: DatabaseLocation): Promise<DatabaseFile | null> {
  if (url.type !== 'sqlite' || url.file === ':memory:') {
    return null;
  }
  const { sqliteFile } = await import('./sqlite/file.js');
  return sqliteFile(url.file);
}

/** Throws an AppError that says why, for a database that cannot be reached. */
export async function openDatabase(
  { url, ...limits }: DatabaseSettings,
  tables: readonly EntitySchema[],
  mayCreate = true,
): Promise<Database> {
  return await openAt(url, { limits, tables, mayCreate });
}

const KIND_OF: { readonly [T in keyof Locations]: DatabaseKind<Locations[T]> } = KINDS;

/** `T` tells the compiler that the kind is the one of the location. */
async function openAt<T extends keyof Locations>(
  location: { [Type in T]: Locations[Type] & { readonly type: Type } }[T],
  request: OpenRequest,
): Promise<Database> {
  return await KIND_OF[location.type].open(location, request);
}
