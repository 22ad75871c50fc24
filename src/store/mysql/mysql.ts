import { Secret } from '../../credentials.js';
import type { DatabaseKind } from '../database.js';

const DEFAULT_PORT = 3306;
const URL_FORM =
  /^mysql:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<hosts>[^@/?#]+)\/(?<database>[^/?#]+)$/;
const HOST = /^(?<host>\[[0-9a-f:.]+\]|[^[\]:,\s]+)(?::(?<port>\d{1,5}))?$/i;

export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

export interface MysqlLocation {
  readonly type: 'mysql';
  /** The members of one cluster, each with the same data. */
  readonly hosts: readonly DatabaseHost[];
  readonly user: string;
  readonly password: Secret;
  readonly database: string;
}

export const MYSQL: DatabaseKind<MysqlLocation> = {
  form: 'mysql://user:password@host:3306/database',
  parseUrl(text) {
    const parts = URL_FORM.exec(text)?.groups;
    return parts === undefined ? null : locationOf(parts);
  },
  async open(location, request) {
    // mysql2 takes 2 MB of memory, which a service on another database need not spend.
    const { openMysql } = await import('./open.js');
    return await openMysql(location, request);
  },
};

function locationOf(parts: Readonly<Record<string, string>>): MysqlLocation | null {
  const hosts = (parts['hosts'] ?? '').split(',').map(parseHost);
  const known = hosts.filter((host) => host !== null);
  const user = decoded(parts['user']);
  const password = decoded(parts['password']);
  const database = decoded(parts['database']);
  return known.length < hosts.length || user === null || password === null || database === null
    ? null
    : { type: 'mysql', hosts: known, user, password: new Secret(password), database };
}

function parseHost(text: string): DatabaseHost | null {
  const { host, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? DEFAULT_PORT : Number(port);
  return host === undefined || number < 1 || number > 65_535
    ? null
    : { host: host.replaceAll(/^\[|\]$/g, ''), port: number };
}

/** Null for a `%` that escapes nothing. */
function decoded(text = ''): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
