/**
 * The statement that answers the token door: deploy tokens and image prefixes in one, each row being of
 * one or of the other.
 *
 * Columns share places where their types agree. Where they do not, MySQL makes both something else: a
 * bigint in the place of an int turns every id into text, a text beside a binary into bytes.
 */

import type { DeployToken } from '../../access/deploy-token.js';
import type { OwnedPrefix } from '../../access/project.js';
import { asDeployToken } from '../deploy-token-store.js';
import { asProject } from '../project-store.js';
import { columnName } from '../table.js';
import type { DeployTokens, Projects } from '../tables.js';
import type { Cell, Cells } from './line.js';

/** Before the others: what the row was found by, the digest of a token or the prefix of a project. */
const DIGEST = 0;
const PREFIX = 1;

/** The place of each column of a deploy token. */
const TOKEN = {
  id: 2,
  kind: 3,
  projectId: 4,
  namespaceId: 5,
  namespacePath: 6,
  only: 7,
  name: 8,
  username: 9,
  scopes: 10,
  expiresAt: 11,
  createdAt: 12,
  createdBy: 13,
  suspendedAt: 14,
  revokedAt: 15,
  revokedBy: 16,
} as const satisfies Partial<Record<keyof typeof DeployTokens.columns, number>>;

/** And of a project, in a place of the same type. */
const PROJECT = {
  id: TOKEN.id,
  path: TOKEN.name,
  visibility: TOKEN.kind,
  archivedAt: TOKEN.expiresAt,
  createdAt: TOKEN.createdAt,
} as const satisfies Partial<Record<keyof typeof Projects.columns, number>>;

const TOKENS =
  `SELECT s.secret_digest, NULL, ${inPlaces('t', TOKEN)} FROM deploy_token_secrets s ` +
  'JOIN deploy_tokens t ON t.id = s.deploy_token_id WHERE s.secret_digest IN ';
const PREFIXES =
  `SELECT NULL, i.prefix, ${inPlaces('p', PROJECT)} FROM image_prefixes i ` +
  'JOIN projects p ON p.id = i.project_id WHERE i.prefix IN ';

function inPlaces(alias: string, places: Readonly<Record<string, number>>): string {
  const names = new Map(Object.entries(places).map(([name, place]) => [place, name]));
  const others = Object.values(TOKEN).map((place) => names.get(place));
  return others
    .map((name) => (name === undefined ? 'NULL' : `${alias}.${columnName(name)}`))
    .join(', ');
}

/**
 * Is read in place of one that is not there: whoever may not see what is there must not tell by the time
 * that it takes to read it.
 */
export const AN_OWNED_PREFIX: Cells = rowOf({
  [PREFIX]: 'a/a',
  [PROJECT.id]: 1,
  [PROJECT.path]: 'a/a',
  [PROJECT.visibility]: 'private',
  [PROJECT.createdAt]: '0',
});

function rowOf(cells: Readonly<Record<number, Cell>>): Cells {
  return [DIGEST, PREFIX, ...Object.values(TOKEN)].map((at) => cells[at] ?? null);
}

/** With that many marks for digests, then for prefixes; one of the two may be none. */
export function unionOf(digests: number, prefixes: number): string {
  const parts = [
    ...(digests > 0 ? [TOKENS + marks(digests)] : []),
    ...(prefixes > 0 ? [PREFIXES + marks(prefixes)] : []),
  ];
  return parts.join(' UNION ALL ');
}

function marks(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(',')})`;
}

/** In base64; null for a row that is a project's. */
export function digestOf(row: Cells): string | null {
  const cell = row[DIGEST];
  return Buffer.isBuffer(cell) ? cell.toString('base64') : null;
}

export function prefixOf(row: Cells): string {
  return text(row, PREFIX);
}

export function tokenOf(row: Cells): DeployToken {
  return asDeployToken({
    id: whole(row, TOKEN.id),
    kind: text(row, TOKEN.kind),
    projectId: wholeOrNull(row, TOKEN.projectId),
    namespaceId: wholeOrNull(row, TOKEN.namespaceId),
    namespacePath: textOrNull(row, TOKEN.namespacePath),
    only: textOrNull(row, TOKEN.only)?.split(',') ?? null,
    name: text(row, TOKEN.name),
    username: text(row, TOKEN.username),
    scopes: text(row, TOKEN.scopes).split(','),
    expiresAt: instantOrNull(row, TOKEN.expiresAt),
    createdAt: instant(row, TOKEN.createdAt),
    createdBy: wholeOrNull(row, TOKEN.createdBy),
    suspendedAt: instantOrNull(row, TOKEN.suspendedAt),
    revokedAt: instantOrNull(row, TOKEN.revokedAt),
    revokedBy: wholeOrNull(row, TOKEN.revokedBy),
  });
}

export function ownedPrefixOf(row: Cells): OwnedPrefix {
  const project = asProject({
    id: whole(row, PROJECT.id),
    path: text(row, PROJECT.path),
    visibility: text(row, PROJECT.visibility),
    archivedAt: instantOrNull(row, PROJECT.archivedAt),
    createdAt: instant(row, PROJECT.createdAt),
  });
  return { prefix: prefixOf(row), project };
}

function whole(row: Cells, at: number): number {
  const cell = row[at];
  return typeof cell === 'number' ? cell : refuse(cell, at);
}

function text(row: Cells, at: number): string {
  const cell = row[at];
  return typeof cell === 'string' ? cell : refuse(cell, at);
}

function instant(row: Cells, at: number): Date {
  return new Date(Number(text(row, at)));
}

function wholeOrNull(row: Cells, at: number): number | null {
  return row[at] === null ? null : whole(row, at);
}

function textOrNull(row: Cells, at: number): string | null {
  return row[at] === null ? null : text(row, at);
}

function instantOrNull(row: Cells, at: number): Date | null {
  return row[at] === null ? null : instant(row, at);
}

function refuse(cell: Cell | undefined, at: number): never {
  throw new TypeError(`column ${at + 1} of a lookup is not as its table says, but ${typeof cell}`);
}
