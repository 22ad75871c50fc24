/**
 * What the doors look up at each request, without TypeORM's entities: building queries and hydrating
 * rows costs them more than a signature does.
 */

import { z } from 'zod';
import type { DeployToken } from '../access/deploy-token.js';
import type { Project } from '../access/project.js';
import { asAppError } from './database-errors.js';
import { toDeployToken } from './deploy-token-store.js';
import { toProject } from './project-store.js';
import { batchByTurn, type TurnBatchOptions } from './turn-batch.js';
import { instants, words } from './columns.js';

export interface Lookups {
  readonly findDeployToken: (secretDigest: Buffer) => Promise<DeployToken | null>;
  /** The projects whose repository namespace is one of these. */
  readonly findProjects: (namespaces: readonly string[]) => Promise<Project[]>;
}

/** A table, and the unique column that it is looked up by. */
export const SELECT = {
  deployToken:
    'SELECT secret_digest AS lookupKey, id, project_id AS projectId, name, username, scopes, ' +
    'expires_at AS expiresAt, created_at AS createdAt, created_by AS createdBy, ' +
    'revoked_at AS revokedAt, revoked_by AS revokedBy FROM deploy_tokens WHERE secret_digest',
  project:
    'SELECT path_key AS lookupKey, id, path, visibility, archived_at AS archivedAt, ' +
    'created_at AS createdAt FROM projects WHERE path_key',
} as const;
export type Kind = keyof typeof SELECT;
export type Key = Buffer | string;

export interface Question {
  readonly kind: Kind;
  readonly keys: readonly Key[];
}
/** As the driver gives them. */
export type Rows = readonly unknown[];

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

export interface Loading extends Pick<TurnBatchOptions<Question, Rows>, 'atMost' | 'inFlight'> {
  /** In the order of the questions. */
  readonly load: (questions: readonly Question[]) => Promise<readonly Rows[]>;
}

/** Lookups by what a database loads in one go. */
export function lookupsBy({ load, atMost, inFlight }: Loading): Lookups {
  const ask = batchByTurn<Question, Rows>({
    atMost,
    inFlight,
    async load(questions) {
      try {
        return await load(questions);
      } catch (error) {
        throw asAppError(error);
      }
    },
  });
  return {
    async findDeployToken(secretDigest) {
      const [row] = await ask({ kind: 'deployToken', keys: [secretDigest] });
      return row === undefined ? null : toDeployToken(DeployTokenRow.parse(row));
    },
    async findProjects(namespaces) {
      if (namespaces.length === 0) {
        return [];
      }
      const rows = await ask({ kind: 'project', keys: namespaces });
      return rows.map((row) => toProject(ProjectRow.parse(row)));
    },
  };
}
