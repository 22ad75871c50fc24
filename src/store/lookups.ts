/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { Namespace } from '../access/namespace.js';
import type { OwnedPrefix, Project } from '../access/project.js';
import { asDeployToken } from './deploy-token-store.js';
import { asNamespace } from './namespace-store.js';
import { asProject } from './project-store.js';
import { columnName } from './table.js';
import { DeployTokens, ImagePrefixes, Namespaces, Projects } from './tables.js';

/** All that the decision on one request needs from the database, so that it is asked only once. */
export interface Question {
  /** In base64; null without credentials. */
  readonly secretDigest: string | null;
  /** What a project may own the names by that are asked for. */
  readonly prefixes: readonly string[];
}

export interface Answer {
  readonly deployToken: DeployToken | null;
  /** Those of the question's that a project owns; one that is named twice comes twice. */
  readonly owned: readonly OwnedPrefix[];
}

export type LookUp = (question: Question) => Promise<Answer>;

/** Finds one row by its key. */
export type Find<T> = (key: string) => Promise<T | null>;
export type Finder = <T>(lookup: Lookup<T>) => Find<T>;

/** How the rows of a table are looked up by a unique column. */
export interface Lookup<T> {
  /** All but the value; the column that it is compared with is also selected, as `lookupKey`. */
  readonly select: string;
  /** What the column holds for a key. */
  readonly toColumn: (key: string) => Key;
  readonly toEntity: (row: unknown) => T;
  /**
   * A row as the database gives it, which is read in place of one that is not there: whoever may not see
   * what is there must not tell by the time that it takes to read it.
   */
  readonly example: unknown;
}

export type Key = Buffer | string | number;

/** Makes the entity from a row. A row that cannot be read fails only the question that asked for it. */
export type Found<T> = () => T;

// What an entity lacks is not read here: taking it out of a row costs more than reading all the others.
const DeployTokenColumns = z.object(DeployTokens.columns).omit({ secretDigest: true });
const ProjectColumns = z.object(Projects.columns).omit({
  pathKey: true,
  removedAt: true,
  name: true,
  description: true,
  settings: true,
});
const PrefixColumns = ProjectColumns.extend({ prefix: ImagePrefixes.columns.prefix });
const NamespaceColumns = z.object(Namespaces.columns).omit({ pathKey: true });

const A_TOKEN = {
  lookupKey: 'a',
  id: 1,
  kind: 'secret',
  projectId: 1,
  namespaceId: null,
  namespacePath: null,
  only: null,
  name: 'a',
  username: 'a',
  scopes: 'read_registry',
  expiresAt: 0,
  createdAt: 0,
  createdBy: 1,
  suspendedAt: null,
  revokedAt: null,
  revokedBy: null,
};
const A_PROJECT = {
  lookupKey: 'a/a',
  id: 1,
  path: 'a/a',
  visibility: 'private',
  archivedAt: null,
  createdAt: 0,
};
const A_NAMESPACE = {
  lookupKey: 'a',
  id: 1,
  path: 'a',
  userId: null,
  createdAt: 0,
  name: null,
  description: null,
  visibility: null,
};

/** By the digest of one of its secrets. */
export const DEPLOY_TOKENS: Lookup<DeployToken> = {
  select:
    `SELECT s.secret_digest AS lookupKey, ${columnsOf('t', DeployTokenColumns)} ` +
    'FROM deploy_token_secrets s JOIN deploy_tokens t ON t.id = s.deploy_token_id ' +
    'WHERE s.secret_digest',
  toColumn: (key) => Buffer.from(key, 'base64'),
  toEntity: (row) => asDeployToken(DeployTokenColumns.parse(row)),
  example: A_TOKEN,
};

/** By image prefix. */
export const OWNED_PREFIXES: Lookup<OwnedPrefix> = {
  select:
    `SELECT i.prefix AS lookupKey, i.prefix AS prefix, ${columnsOf('p', ProjectColumns)} ` +
    'FROM image_prefixes i JOIN projects p ON p.id = i.project_id WHERE i.prefix',
  toColumn: (key) => key,
  toEntity(row) {
    const { prefix, ...project } = PrefixColumns.parse(row);
    return { prefix, project: asProject(project) };
  },
  example: { ...A_PROJECT, prefix: 'a/a' },
};

const PROJECT = `${columnsOf('p', ProjectColumns)} FROM projects p WHERE`;
const NAMESPACE = `${columnsOf('n', NamespaceColumns)} FROM namespaces n WHERE`;

export const PROJECTS_BY_PATH: Lookup<Project> = {
  select: `SELECT p.path_key AS lookupKey, ${PROJECT} p.path_key`,
  toColumn: (key) => key,
  toEntity: (row) => asProject(ProjectColumns.parse(row)),
  example: A_PROJECT,
};

export const PROJECTS_BY_ID: Lookup<Project> = {
  ...PROJECTS_BY_PATH,
  select: `SELECT p.id AS lookupKey, ${PROJECT} p.removed_at IS NULL AND p.id`,
  toColumn: Number,
};

export const NAMESPACES_BY_PATH: Lookup<Namespace> = {
  select: `SELECT n.path_key AS lookupKey, ${NAMESPACE} n.path_key`,
  toColumn: (key) => key,
  toEntity: (row) => asNamespace(NamespaceColumns.parse(row)),
  example: A_NAMESPACE,
};

export const NAMESPACES_BY_ID: Lookup<Namespace> = {
  ...NAMESPACES_BY_PATH,
  select: `SELECT n.id AS lookupKey, ${NAMESPACE} n.id`,
  toColumn: Number,
};

function columnsOf(alias: string, { shape }: z.ZodObject): string {
  const columns = Object.keys(shape).map((name) => `${alias}.${columnName(name)} AS ${name}`);
  return columns.join(', ');
}

export function answerOf(
  deployToken: Found<DeployToken> | null,
  owned: readonly Found<OwnedPrefix>[],
): Answer {
  return { deployToken: deployToken?.() ?? null, owned: owned.map((found) => found()) };
}

/** How many repository names these are the prefixes of: each name follows those above it. */
export function countNames(prefixes: readonly string[]): number {
  return prefixes.filter((prefix, index) => !prefixes[index + 1]?.startsWith(`${prefix}/`)).length;
}
