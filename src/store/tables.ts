/**
 * Table shapes, and nothing else. Rows stay inside src/store; the rest of the service sees the types
 * of src/access.
 *
 * Column types are those that SQLite and MySQL share, without database defaults. Instants are UTC
 * milliseconds in a `bigint`, so that no time zone, of a process, a server or a session, can move an
 * expiry date.
 */

import { EntitySchema } from 'typeorm';
import {
  digest,
  id,
  instant,
  instantOrNull,
  reference,
  wordList,
  type Dialect,
} from './columns.js';

export interface UserRow {
  id: number;
  username: string;
  usernameKey: string;
  displayName: string;
  passwordHash: string | null;
  isAdmin: boolean;
  blockedAt: Date | null;
  createdAt: Date;
}

export interface ProjectRow {
  id: number;
  path: string;
  /** The repository namespace; null once removed, when `reserved_paths` holds it instead. */
  pathKey: string | null;
  visibility: string;
  archivedAt: Date | null;
  removedAt: Date | null;
  createdAt: Date;
}

export interface ReservedPathRow {
  pathKey: string;
  projectId: number;
  reservedAt: Date;
}

export interface MemberRow {
  projectId: number;
  userId: number;
  role: string;
}

export interface DeployTokenRow {
  id: number;
  projectId: number;
  name: string;
  username: string;
  secretDigest: Buffer;
  scopes: string[];
  expiresAt: Date | null;
  createdAt: Date;
  createdBy: number | null;
  revokedAt: Date | null;
  revokedBy: number | null;
}

/** Apart from the token itself, whose row then stays as it is while the token is used. */
export interface DeployTokenUseRow {
  deployTokenId: number;
  usedAt: Date;
  door: string;
  address: string;
  userAgent: string;
  repository: string | null;
}

export interface AccessTokenRow {
  id: number;
  userId: number;
  name: string;
  secretDigest: Buffer;
  scopes: string[];
  expiresAt: Date | null;
  createdAt: Date;
  revokedAt: Date | null;
}

export interface AuditEventRow {
  id: number;
  at: Date;
  action: string;
  actorId: number | null;
  actor: string;
  projectId: number | null;
  projectPath: string | null;
  subjectId: number | null;
  subject: string;
  detail: string;
  door: string;
  address: string | null;
  requestId: string | null;
}

/** Somebody who is signed in to the web pages. */
export interface SessionRow {
  id: number;
  userId: number;
  secretDigest: Buffer;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  /** For its owner to recognise it by: what the browser said of itself, and from where. */
  client: string;
  address: string;
}

/** A form that makes a secret, once it was sent: sending it again must not make another one. */
export interface UsedFormRow {
  id: number;
  sessionId: number;
  secretDigest: Buffer;
}

/** The one-time link that makes the first administrator. */
export interface SetupLinkRow {
  id: number;
  secretDigest: Buffer;
  expiresAt: Date;
}

/** One row that every writing transaction locks first: see store.ts. */
export interface WriteLockRow {
  id: number;
  writes: number;
}

export const Users = new EntitySchema<UserRow>({
  name: 'users',
  columns: {
    id,
    username: { type: 'varchar', length: 255 },
    usernameKey: { name: 'username_key', type: 'varchar', length: 255, unique: true },
    displayName: { name: 'display_name', type: 'varchar', length: 255 },
    passwordHash: { name: 'password_hash', type: 'varchar', length: 255, nullable: true },
    isAdmin: { name: 'is_admin', type: 'boolean' },
    blockedAt: instantOrNull('blocked_at'),
    createdAt: instant('created_at'),
  },
});

export const Projects = new EntitySchema<ProjectRow>({
  name: 'projects',
  columns: {
    id,
    path: { type: 'varchar', length: 255 },
    pathKey: { name: 'path_key', type: 'varchar', length: 255, unique: true, nullable: true },
    visibility: { type: 'varchar', length: 16 },
    archivedAt: instantOrNull('archived_at'),
    removedAt: instantOrNull('removed_at'),
    createdAt: instant('created_at'),
  },
});

export const ReservedPaths = new EntitySchema<ReservedPathRow>({
  name: 'reserved_paths',
  columns: {
    pathKey: { name: 'path_key', type: 'varchar', length: 255, primary: true },
    projectId: reference('project_id', 'projects'),
    reservedAt: instant('reserved_at'),
  },
});

export const Members = new EntitySchema<MemberRow>({
  name: 'members',
  columns: {
    projectId: { ...reference('project_id', 'projects'), primary: true },
    userId: { ...reference('user_id', 'users'), primary: true },
    role: { type: 'varchar', length: 16 },
  },
  indices: [{ name: 'members_by_user', columns: ['userId'] }],
});

export const DeployTokenUses = new EntitySchema<DeployTokenUseRow>({
  name: 'deploy_token_uses',
  columns: {
    deployTokenId: { ...reference('deploy_token_id', 'deploy_tokens'), primary: true },
    usedAt: instant('used_at'),
    door: { type: 'varchar', length: 16 },
    address: { type: 'varchar', length: 64 },
    userAgent: { name: 'user_agent', type: 'varchar', length: 255 },
    repository: { type: 'varchar', length: 255, nullable: true },
  },
});

/** Without foreign keys: it tells of what was, whatever is left of it. */
export const AuditEvents = new EntitySchema<AuditEventRow>({
  name: 'audit_events',
  columns: {
    id,
    at: instant('at'),
    action: { type: 'varchar', length: 64 },
    actorId: { name: 'actor_id', type: 'integer', nullable: true },
    actor: { type: 'varchar', length: 255 },
    projectId: { name: 'project_id', type: 'integer', nullable: true },
    projectPath: { name: 'project_path', type: 'varchar', length: 255, nullable: true },
    subjectId: { name: 'subject_id', type: 'integer', nullable: true },
    subject: { type: 'varchar', length: 255 },
    detail: { type: 'varchar', length: 255 },
    door: { type: 'varchar', length: 16 },
    address: { type: 'varchar', length: 64, nullable: true },
    requestId: { name: 'request_id', type: 'varchar', length: 64, nullable: true },
  },
  indices: [
    { name: 'audit_events_by_project', columns: ['projectId', 'id'] },
    { name: 'audit_events_by_time', columns: ['at'] },
  ],
});

export const WriteLock = new EntitySchema<WriteLockRow>({
  name: 'write_lock',
  columns: {
    id: { type: 'integer', primary: true },
    writes: { type: 'bigint' },
  },
});

function deployTokens(dialect: Dialect): EntitySchema<DeployTokenRow> {
  return new EntitySchema<DeployTokenRow>({
    name: 'deploy_tokens',
    columns: {
      id,
      projectId: reference('project_id', 'projects'),
      name: { type: 'varchar', length: 255 },
      username: { type: 'varchar', length: 255 },
      secretDigest: digest(dialect),
      scopes: wordList('scopes'),
      expiresAt: instantOrNull('expires_at'),
      createdAt: instant('created_at'),
      createdBy: { ...reference('created_by', 'users'), nullable: true },
      revokedAt: instantOrNull('revoked_at'),
      revokedBy: { ...reference('revoked_by', 'users'), nullable: true },
    },
    indices: [
      { name: 'deploy_tokens_by_project', columns: ['projectId'] },
      { name: 'deploy_tokens_by_state', columns: ['revokedAt', 'expiresAt'] },
    ],
  });
}

function accessTokens(dialect: Dialect): EntitySchema<AccessTokenRow> {
  return new EntitySchema<AccessTokenRow>({
    name: 'personal_access_tokens',
    columns: {
      id,
      userId: reference('user_id', 'users'),
      name: { type: 'varchar', length: 255 },
      secretDigest: digest(dialect),
      scopes: wordList('scopes'),
      expiresAt: instantOrNull('expires_at'),
      createdAt: instant('created_at'),
      revokedAt: instantOrNull('revoked_at'),
    },
    indices: [{ name: 'personal_access_tokens_by_user', columns: ['userId'] }],
  });
}

function sessions(dialect: Dialect): EntitySchema<SessionRow> {
  return new EntitySchema<SessionRow>({
    name: 'sessions',
    columns: {
      id,
      userId: reference('user_id', 'users'),
      secretDigest: digest(dialect),
      createdAt: instant('created_at'),
      lastSeenAt: instant('last_seen_at'),
      expiresAt: instant('expires_at'),
      client: { type: 'varchar', length: 255 },
      address: { type: 'varchar', length: 64 },
    },
    indices: [{ name: 'sessions_by_user', columns: ['userId'] }],
  });
}

function usedForms(dialect: Dialect): EntitySchema<UsedFormRow> {
  return new EntitySchema<UsedFormRow>({
    name: 'used_forms',
    columns: {
      id,
      sessionId: reference('session_id', 'sessions'),
      secretDigest: digest(dialect),
    },
    indices: [{ name: 'used_forms_by_session', columns: ['sessionId'] }],
  });
}

function setupLinks(dialect: Dialect): EntitySchema<SetupLinkRow> {
  return new EntitySchema<SetupLinkRow>({
    name: 'setup_links',
    columns: { id, secretDigest: digest(dialect), expiresAt: instant('expires_at') },
  });
}

export interface Tables {
  readonly deployTokens: EntitySchema<DeployTokenRow>;
  readonly accessTokens: EntitySchema<AccessTokenRow>;
  readonly sessions: EntitySchema<SessionRow>;
  readonly usedForms: EntitySchema<UsedFormRow>;
  readonly setupLinks: EntitySchema<SetupLinkRow>;
  readonly all: EntitySchema[];
}

export function tablesFor(dialect: Dialect): Tables {
  const tables = {
    deployTokens: deployTokens(dialect),
    accessTokens: accessTokens(dialect),
    sessions: sessions(dialect),
    usedForms: usedForms(dialect),
    setupLinks: setupLinks(dialect),
  };
  const all: EntitySchema[] = [
    Users,
    Projects,
    ReservedPaths,
    Members,
    tables.deployTokens,
    DeployTokenUses,
    AuditEvents,
    tables.accessTokens,
    tables.sessions,
    tables.usedForms,
    tables.setupLinks,
    WriteLock,
  ];
  return { ...tables, all };
}
