/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import { instants, words } from './columns.js';
import { toDeployToken } from './deploy-token-store.js';
import { toProject } from './project-store.js';

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

/** A table, and the unique column that it is looked up by. */
export interface Table<T> {
  /** All but the value; the column that it is compared with is also selected, as `lookupKey`. */
  readonly select: string;
  /** What the column holds for a key. */
  readonly toColumn: (key: string) => Buffer | string;
  readonly toEntity: (row: unknown) => T;
}

/** A row, made into what it stands for. One that cannot be read fails whoever asked for it, alone. */
export type Found<T> = () => T;

// MySQL's driver hands a bigint out as a string, SQLite's as a number.
const Instant = z.union([z.number(), z.string()]);
const instantOrNull = Instant.nullable().transform(instants.from);
const instant = Instant.transform((value) => new Date(Number(value)));

const DeployTokenRow = z.object({
  id: z.number(),
  projectId: z.number(),
  name: z.string(),
  username: z.string(),
  scopes: z.string().transform(words.from),
  expiresAt: instantOrNull,
  createdAt: instant,
  createdBy: z.number().nullable(),
  revokedAt: instantOrNull,
  revokedBy: z.number().nullable(),
});

const ProjectRow = z.object({
  id: z.number(),
  path: z.string(),
  visibility: z.string(),
  archivedAt: instantOrNull,
  createdAt: instant,
});

export const DEPLOY_TOKENS: Table<DeployToken> = {
  select:
    'SELECT secret_digest AS lookupKey, id, project_id AS projectId, name, username, scopes, ' +
    'expires_at AS expiresAt, created_at AS createdAt, created_by AS createdBy, ' +
    'revoked_at AS revokedAt, revoked_by AS revokedBy FROM deploy_tokens WHERE secret_digest',
  toColumn: (key) => Buffer.from(key, 'base64'),
  toEntity: (row) => toDeployToken(DeployTokenRow.parse(row)),
};

export const PROJECTS: Table<Project> = {
  select:
    'SELECT path_key AS lookupKey, id, path, visibility, archived_at AS archivedAt, ' +
    'created_at AS createdAt FROM projects WHERE path_key',
  toColumn: (key) => key,
  toEntity: (row) => toProject(ProjectRow.parse(row)),
};

export function answerOf(
  deployToken: Found<DeployToken> | null,
  projects: readonly Found<Project>[],
): Answer {
  return {
    deployToken: deployToken?.() ?? null,
    projects: projects.map((project) => project()),
  };
}
