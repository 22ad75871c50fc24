/** Conditions on columns that hold paths of the tree in lower case, compared byte by byte. */

import { ESCAPE } from './like.js';

/** Ranges of one statement. */
const FEW = 20;

export interface Condition {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, string | readonly string[]>>;
}

/** What lies below the path, and not the path itself: one range of an index, since `0` follows `/`. */
export function below(column: string, path: string, name = 'path'): Condition {
  return {
    sql: `(${column} > :${name}From AND ${column} < :${name}To)`,
    parameters: { [`${name}From`]: `${path}/`, [`${name}To`]: `${path}0` },
  };
}

/** What lies right below it; the top level for null. */
export function rightBelow(column: string, path: string | null): Condition {
  if (path === null) {
    return { sql: `${column} NOT LIKE :deeper`, parameters: { deeper: '%/%' } };
  }
  const { sql, parameters } = below(column, path, 'parent');
  return {
    sql: `(${sql} AND ${column} NOT LIKE :deeper ${ESCAPE})`,
    parameters: { ...parameters, deeper: `${path.replaceAll(/[!%_]/g, '!$&')}/%/%` },
  };
}

/** What lies below the path that another column holds. */
export function belowColumn(column: string, above: string): string {
  return `(${column} > CONCAT(${above}, '/') AND ${column} < CONCAT(${above}, '0'))`;
}

/** What lies at or below one of them, of which there are few; nothing for none. */
export function atOrBelowAny(column: string, paths: readonly string[], name: string): Condition {
  const conditions = paths.map((path, index) => atOrBelow(column, path, `${name}${index}`));
  const parameters = conditions.flatMap((condition) => Object.entries(condition.parameters));
  return {
    sql: conditions.length === 0 ? '1 = 0' : `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
    parameters: Object.fromEntries(parameters),
  };
}

/**
 * The same of namespaces, of which somebody may have thousands. So many ranges make a statement that takes
 * long to put together, and that SQLite refuses from a thousand on: their rows are joined with what lies
 * below.
 */
export function inNamespaces(
  column: 'project.pathKey' | 'namespace.pathKey',
  paths: readonly string[],
  name: string,
): Condition {
  return paths.length <= FEW
    ? atOrBelowAny(column, paths, name)
    : { sql: joined(column, name), parameters: { [name]: paths } };
}

function joined(column: string, name: string): string {
  const table = column.startsWith('project.') ? 'projects' : 'namespaces';
  return (
    `(${column} IN (:...${name}) OR ${column} IN (` +
    `SELECT low.path_key FROM namespaces high JOIN ${table} low ` +
    `ON ${belowColumn('low.path_key', 'high.path_key')} WHERE high.path_key IN (:...${name})))`
  );
}

function atOrBelow(column: string, path: string, name: string): Condition {
  const { sql, parameters } = below(column, path, name);
  return { sql: `${column} = :${name} OR ${sql}`, parameters: { ...parameters, [name]: path } };
}
