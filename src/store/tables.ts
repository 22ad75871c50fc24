/**
 * The tables, and nothing else. Rows stay inside src/store; the rest of the service sees the types of
 * src/access.
 *
 * Column types are the common ones, without database defaults; a database that lacks one of them translates
 * it when it opens. Instants are UTC milliseconds in a `bigint`, so that no time zone, of a process, a
 * server or a session, can move an expiry date.
 */

import type { EntitySchema } from 'typeorm';
import {
  counter,
  digest,
  flag,
  id,
  instant,
  integer,
  longText,
  manyWords,
  onDemand,
  orNull,
  primary,
  reference,
  text,
  unique,
  wordList,
} from './columns.js';
import { AccessTokens, Invitations, Sessions, SetupLinks, UsedForms } from './sign-in-tables.js';
import { Table, type Row } from './table.js';

/** Of what is written in sentences. */
const MAX_DETAIL = 2000;

export type UserRow = Row<typeof Users>;
export const Users = new Table('users', {
  id,
  username: text(),
  usernameKey: unique(text()),
  displayName: text(),
  passwordHash: onDemand(orNull(text())),
  isAdmin: flag,
  blockedAt: orNull(instant),
  createdAt: instant,
  /** Of an account that was ended and is named elsewhere: its name stays taken. */
  removedAt: orNull(instant),
  email: onDemand(orNull(text())),
  note: onDemand(orNull(text(MAX_DETAIL))),
  settings: onDemand(orNull(longText)),
});

export type ProjectRow = Row<typeof Projects>;
export const Projects = new Table(
  'projects',
  {
    id,
    path: text(),
    /** The repository namespace; null once removed, when `reserved_paths` holds it instead. */
    pathKey: unique(orNull(text())),
    visibility: text(16),
    archivedAt: orNull(instant),
    removedAt: orNull(instant),
    createdAt: instant,
    /** Null as long as nobody gave it another name than its path does. */
    name: onDemand(orNull(text())),
    description: onDemand(orNull(text(MAX_DETAIL))),
    settings: onDemand(orNull(longText)),
  },
  [{ name: 'projects_by_visibility', columns: ['visibility', 'pathKey'] }],
);

export type NamespaceRow = Row<typeof Namespaces>;
export const Namespaces = new Table('namespaces', {
  id,
  path: text(),
  pathKey: unique(text()),
  userId: orNull(reference('users')),
  createdAt: instant,
  /** Null as long as nobody gave it another name than its path does. */
  name: orNull(text()),
  description: orNull(text()),
  visibility: orNull(text(16)),
});

/** The repository names that a project owns, with all below them; its own path is one of them. */
export const ImagePrefixes = new Table(
  'image_prefixes',
  { prefix: primary(text()), projectId: reference('projects') },
  [{ name: 'image_prefixes_by_project', columns: ['projectId'] }],
);

/** Of removed projects: their paths and image prefixes. */
export const ReservedPaths = new Table('reserved_paths', {
  pathKey: primary(text()),
  projectId: reference('projects'),
  reservedAt: instant,
});

export type MemberRow = Row<typeof Members>;
export const Members = new Table(
  'members',
  {
    projectId: primary(reference('projects')),
    userId: primary(reference('users')),
    role: text(16),
  },
  [{ name: 'members_by_user', columns: ['userId'] }],
);

export type NamespaceMemberRow = Row<typeof NamespaceMembers>;
export const NamespaceMembers = new Table(
  'namespace_members',
  {
    namespaceId: primary(reference('namespaces')),
    userId: primary(reference('users')),
    role: text(16),
  },
  [{ name: 'namespace_members_by_user', columns: ['userId'] }],
);

export type DeployTokenRow = Row<typeof DeployTokens>;
export const DeployTokens = new Table(
  'deploy_tokens',
  {
    id,
    kind: text(16),
    /** Its owner; where both are null it is the instance. */
    projectId: orNull(reference('projects')),
    namespaceId: orNull(reference('namespaces')),
    /** The namespace's path in lower case, so that the door need not look for it. */
    namespacePath: orNull(text()),
    only: orNull(manyWords),
    name: text(),
    username: text(),
    /** Of tokens made by the version before, which alone reads it: see `deploy_token_secrets`. */
    secretDigest: orNull(digest),
    scopes: wordList,
    expiresAt: orNull(instant),
    createdAt: instant,
    createdBy: orNull(reference('users')),
    suspendedAt: orNull(instant),
    revokedAt: orNull(instant),
    revokedBy: orNull(reference('users')),
  },
  [
    { name: 'deploy_tokens_by_project', columns: ['projectId'] },
    { name: 'deploy_tokens_by_namespace', columns: ['namespaceId'] },
    { name: 'deploy_tokens_by_username', columns: ['username'] },
    { name: 'deploy_tokens_by_state', columns: ['revokedAt', 'expiresAt'] },
  ],
);

/** By which a deploy token is found. Each has one row, until it can have two. */
export const DeployTokenSecrets = new Table(
  'deploy_token_secrets',
  {
    id,
    deployTokenId: reference('deploy_tokens'),
    secretDigest: digest,
    createdAt: instant,
    /** When a newer secret takes its place; null for the one in use. */
    endsAt: orNull(instant),
  },
  [{ name: 'deploy_token_secrets_by_token', columns: ['deployTokenId'] }],
);

export type DeployTokenUseRow = Row<typeof DeployTokenUses>;
/** Apart from the token itself, whose row then stays as it is while the token is used. */
export const DeployTokenUses = new Table('deploy_token_uses', {
  deployTokenId: primary(reference('deploy_tokens')),
  usedAt: instant,
  door: text(16),
  address: text(64),
  userAgent: text(),
  repository: orNull(text()),
  fault: orNull(text(32)),
});

export type DeployTokenDayRow = Row<typeof DeployTokenDays>;
export const DeployTokenDays = new Table(
  'deploy_token_days',
  {
    deployTokenId: primary(reference('deploy_tokens')),
    /** Counted from 1970-01-01, UTC. */
    day: primary(integer),
    uses: counter,
  },
  [{ name: 'deploy_token_days_by_day', columns: ['day'] }],
);

export type RegistryRepositoryRow = Row<typeof RegistryRepositories>;
/** The names that the registry's catalogue had when it was last walked. */
export const RegistryRepositories = new Table('registry_repositories', {
  name: primary(text()),
  /** The last walk that found it. */
  walk: integer,
  /** When a walk first did. */
  foundAt: instant,
});

export type RegistryWalkRow = Row<typeof RegistryWalks>;
/** One row: how far the walk through the catalogue is, and which process is at it. */
export const RegistryWalks = new Table('registry_walks', {
  id: primary(integer),
  number: integer,
  startedAt: orNull(instant),
  next: orNull(text(1024)),
  seen: integer,
  endedAt: orNull(instant),
  failure: orNull(text()),
  failedAt: orNull(instant),
  walker: orNull(text(64)),
  walkerUntil: orNull(instant),
});

export type AuditEventRow = Row<typeof AuditEvents>;
/** Without foreign keys: an event outlives what it reports. */
export const AuditEvents = new Table(
  'audit_events',
  {
    id,
    at: instant,
    action: text(64),
    actorId: orNull(integer),
    actor: text(),
    projectId: orNull(integer),
    projectPath: orNull(text()),
    subjectId: orNull(integer),
    subject: text(),
    detail: text(),
    door: text(16),
    address: orNull(text(64)),
    requestId: orNull(text(64)),
    namespaceId: orNull(integer),
    namespacePath: orNull(text()),
    /** The path of the project or the namespace, in lower case. */
    placeKey: orNull(text()),
  },
  [
    { name: 'audit_events_by_project_at', columns: ['projectId', 'at'] },
    { name: 'audit_events_by_actor_at', columns: ['actor', 'at'] },
    { name: 'audit_events_by_action_at', columns: ['action', 'at'] },
    { name: 'audit_events_by_subject_at', columns: ['subjectId', 'at'] },
    { name: 'audit_events_by_time', columns: ['at'] },
    { name: 'audit_events_by_place_at', columns: ['placeKey', 'at'] },
  ],
);

export type DenialRow = Row<typeof Denials>;
/** What was refused, once in the list of each that it concerns; alike ones are one row. */
export const Denials = new Table(
  'denials',
  {
    id,
    listKind: text(16),
    listId: integer,
    /** In the first of its lists, so that each is once in the list of all. */
    isMain: flag,
    /** A digest of the list and of what alike ones share. */
    mergeKey: digest,
    deployTokenId: orNull(integer),
    userId: orNull(integer),
    door: text(16),
    projectId: orNull(integer),
    repository: orNull(text()),
    actions: wordList,
    reason: text(32),
    count: counter,
    firstAt: instant,
    lastAt: instant,
    address: text(64),
    userAgent: text(),
    grantedElsewhereAt: orNull(instant),
  },
  [
    { name: 'denials_by_list', columns: ['listKind', 'listId', 'lastAt'] },
    { name: 'denials_by_main', columns: ['isMain', 'lastAt'] },
    { name: 'denials_by_time', columns: ['lastAt'] },
  ],
);

/** What the Git LFS objects of a project take. */
export const LfsStorage = new Table('lfs_storage', {
  projectId: primary(reference('projects')),
  storedBytes: counter,
});

/** Git LFS objects on their way, with what they have reserved of the project's quota. */
export const LfsUploads = new Table(
  'lfs_uploads',
  {
    id: primary(text(36)),
    projectId: reference('projects'),
    reservedBytes: counter,
    startedAt: instant,
  },
  [{ name: 'lfs_uploads_by_project', columns: ['projectId'] }],
);

/** One row: see services/steady-clock.ts. */
export const ObservedClock = new Table('observed_clock', {
  id: primary(integer),
  steadySince: orNull(instant),
  seenAt: orNull(instant),
});

/** One row that every writing transaction locks first: see open-store.ts. */
export const WriteLock = new Table('write_lock', { id: primary(integer), writes: counter });

export type InstanceRow = Row<typeof Instances>;
export const Instances = new Table('instance', {
  id: primary(integer),
  databaseId: text(64),
  caFingerprint: orNull(text(128)),
  rewoundAt: orNull(instant),
  rewoundFrom: orNull(instant),
});

export type UndoneRevocationRow = Row<typeof UndoneRevocations>;
export const UndoneRevocations = new Table('undone_revocations', {
  kind: primary(text(16)),
  tokenId: primary(integer),
  name: text(),
  revokedAt: instant,
});

export const TABLES: readonly EntitySchema[] = [
  Users,
  Projects,
  Namespaces,
  ImagePrefixes,
  ReservedPaths,
  Members,
  NamespaceMembers,
  DeployTokens,
  DeployTokenSecrets,
  DeployTokenUses,
  DeployTokenDays,
  RegistryRepositories,
  RegistryWalks,
  AuditEvents,
  Denials,
  AccessTokens,
  Sessions,
  UsedForms,
  SetupLinks,
  Invitations,
  LfsStorage,
  LfsUploads,
  ObservedClock,
  WriteLock,
  Instances,
  UndoneRevocations,
];
