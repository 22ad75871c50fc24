/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import { toDeployToken } from './deploy-token-store.js';
import { toProject } from './project-store.js';
import { columnName, type Columns, type Row, type Table } from './table.js';
import { DeployTokens, Projects } from './tables.js';

/** All that the decision on one request needs from the database, so that it is asked only once. */
export interface Question {
  /** In base64; null without credentials. */
  readonly secretDigest: string | null;
  readonly namespaces: readonly string[];
}

export interface Answer {
  readonly deployToken: DeployToken | null;
  /** Those whose repository namespace is one of the question's; one that is named twice comes twice. */
  readonly projects: readonly Project[];
}

export type LookUp = (question: Question) => Promise<Answer>;

/** How the rows of a table are looked up by a unique column. */
export interface Lookup<T> {
  /** All but the value that the column is compared with. */
  readonly select: string;
  /** What the column holds for a key. */
  readonly toColumn: (key: string) => Buffer | string;
  /** The key of a row. */
  readonly keyOf: (row: unknown) => string;
  readonly toEntity: (row: unknown) => T;
}

/** Makes the entity from a row. A row that cannot be read fails only the question that asked for it. */
export type Found<T> = () => T;

const AnyRow = z.looseObject({});
const Key = z.union([
  z.string(),
  z.instanceof(Buffer).transform((bytes) => bytes.toString('base64')),
]);

export const DEPLOY_TOKENS: Lookup<DeployToken> = {
  ...lookup(DeployTokens, 'secretDigest', toDeployToken),
  toColumn: (key) => Buffer.from(key, 'base64'),
};

export const PROJECTS: Lookup<Project> = {
  ...lookup(Projects, 'pathKey', toProject),
  toColumn: (key) => key,
};

function lookup<C extends Columns, T>(
  table: Table<C>,
  by: keyof C & string,
  toEntity: (row: Row<Table<C>>) => T,
): Omit<Lookup<T>, 'toColumn'> {
  const columns = Object.keys(table.columns).map((name) => `${columnName(name)} AS ${name}`);
  const type = z.object(table.columns);
  return {
    select: `SELECT ${columns.join(', ')} FROM ${table.options.name} WHERE ${columnName(by)}`,
    keyOf: (row) => Key.parse(AnyRow.parse(row)[by]),
    toEntity: (row) => toEntity(type.parse(row)),
  };
}

export function answerOf(
  deployToken: Found<DeployToken> | null,
  projects: readonly Found<Project>[],
): Answer {
  return {
    deployToken: deployToken?.() ?? null,
    projects: projects.map((project) => project()),
  };
}
