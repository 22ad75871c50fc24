/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import { asDeployToken } from './deploy-token-store.js';
import { asProject } from './project-store.js';
import { columnName, type Columns, type Table } from './table.js';
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
  /** All but the value; the column that it is compared with is also selected, as `lookupKey`. */
  readonly select: string;
  /** What the column holds for a key. */
  readonly toColumn: (key: string) => Buffer | string;
  readonly toEntity: (row: unknown) => T;
}

/** Makes the entity from a row. A row that cannot be read fails only the question that asked for it. */
export type Found<T> = () => T;

// What an entity lacks is not read here: taking it out of a row costs more than reading all the others.
const DeployTokenColumns = z.object(DeployTokens.columns).omit({ secretDigest: true });
const ProjectColumns = z.object(Projects.columns).omit({ pathKey: true, removedAt: true });

export const DEPLOY_TOKENS: Lookup<DeployToken> = {
  select: selectFrom(DeployTokens, DeployTokenColumns, 'secretDigest'),
  toColumn: (key) => Buffer.from(key, 'base64'),
  toEntity: (row) => asDeployToken(DeployTokenColumns.parse(row)),
};

export const PROJECTS: Lookup<Project> = {
  select: selectFrom(Projects, ProjectColumns, 'pathKey'),
  toColumn: (key) => key,
  toEntity: (row) => asProject(ProjectColumns.parse(row)),
};

function selectFrom<C extends Columns>(
  table: Table<C>,
  { shape }: z.ZodObject,
  by: keyof C & string,
): string {
  const key = columnName(by);
  const columns = Object.keys(shape).map((name) => `${columnName(name)} AS ${name}`);
  return `SELECT ${key} AS lookupKey, ${columns.join(', ')} FROM ${table.options.name} WHERE ${key}`;
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
