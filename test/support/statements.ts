/** What this process asks of its databases, as SQL. */

import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

type Method = (...values: unknown[]) => unknown;

const SQLITE_METHODS = ['get', 'all', 'run'];
const MYSQL_METHODS = ['query', 'execute'];

/** Of all connections, until `stop`. */
export function recordStatements(): { readonly sql: string[]; readonly stop: () => void } {
  const sql: string[] = [];
  const undo = [
    ...SQLITE_METHODS.map((name) =>
      observe(sqliteStatement(), name, (statement) => {
        sql.push(textOf(statement, 'source'));
      }),
    ),
    ...MYSQL_METHODS.map((name) =>
      observe(mysqlConnection(), name, (_connection, [statement]) => {
        sql.push(typeof statement === 'string' ? statement : textOf(statement, 'sql'));
      }),
    ),
  ];
  return {
    sql,
    stop() {
      for (const each of undo) {
        each();
      }
    },
  };
}

function observe(
  like: object,
  name: string,
  called: (self: unknown, values: readonly unknown[]) => void,
): () => void {
  const owner = ownerOf(like, name);
  const method = methodOf(owner, name);
  Reflect.set(owner, name, function observed(this: unknown, ...values: unknown[]): unknown {
    called(this, values);
    return Reflect.apply(method, this, values);
  });
  return () => Reflect.set(owner, name, method);
}

/** The object itself, or the prototype, that has it. */
function ownerOf(object: object, name: string): object {
  return Object.hasOwn(object, name) ? object : ownerOf(prototypeOf(object), name);
}

function sqliteStatement(): object {
  const db: unknown = Reflect.construct(asMethod(load('better-sqlite3')), [':memory:']);
  const statement = asObject(Reflect.apply(methodOf(db, 'prepare'), db, ['SELECT 1']));
  Reflect.apply(methodOf(db, 'close'), db, []);
  return statement;
}

function mysqlConnection(): object {
  return asObject(Reflect.get(methodOf(load('mysql2'), 'PoolConnection'), 'prototype'));
}

function prototypeOf(value: object): object {
  return asObject(Object.getPrototypeOf(value));
}

function textOf(value: unknown, property: string): string {
  return String(Reflect.get(asObject(value), property));
}

function methodOf(value: unknown, name: string): Method {
  return asMethod(Reflect.get(asObject(value), name));
}

function asMethod(value: unknown): Method {
  if (!isMethod(value)) {
    throw new TypeError('this is no function');
  }
  return value;
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function';
}

function asObject(value: unknown): object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw new TypeError('this is no object');
  }
  return value;
}
