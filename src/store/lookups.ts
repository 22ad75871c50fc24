/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { OwnedPrefix } from '../access/project.js';
import { asDeployToken } from './deploy-token-store.js';
import { asProject } from './project-store.js';
import { columnName } from './table.js';
import { DeployTokens, ImagePrefixes, Projects } from './tables.js';

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
const PrefixColumns = ProjectColumns.extend({ prefix: ImagePrefixes.columns.prefix });

/** By the digest of one of its secrets. */
export const DEPLOY_TOKENS: Lookup<DeployToken> = {
  select:
    `SELECT s.secret_digest AS lookupKey, ${columnsOf('t', DeployTokenColumns)} ` +
    'FROM deploy_token_secrets s JOIN deploy_tokens t ON t.id = s.deploy_token_id ' +
    'WHERE s.secret_digest',
  toColumn: (key) => Buffer.from(key, 'base64'),
  toEntity: (row) => asDeployToken(DeployTokenColumns.parse(row)),
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
