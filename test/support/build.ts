/** Makers of test data: each gives a valid thing, which a test changes where it matters. */

import type { AccessToken } from '../../src/access/access-token.js';
import type { Actor, Origin, UserActor, UserCredential } from '../../src/access/actor.js';
import type { DeployToken, DeployTokenScope } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import type { Project } from '../../src/access/project.js';
import type { Role } from '../../src/access/role.js';
import type { User } from '../../src/access/user.js';

export const LONG_AGO = new Date('2020-01-01T00:00:00Z');

export function aProject(overrides: Partial<Project> = {}): Project {
  return {
    kind: 'project',
    id: 1,
    path: 'tanuki/awesome_project',
    visibility: 'private',
    archivedAt: null,
    createdAt: LONG_AGO,
    ...overrides,
  };
}

export function aNamespace(overrides: Partial<Namespace> = {}): Namespace {
  return {
    kind: 'namespace',
    id: 9,
    path: 'tanuki',
    name: 'tanuki',
    description: '',
    visibility: 'private',
    userId: null,
    createdAt: LONG_AGO,
    ...overrides,
  };
}

export function aDeployToken(overrides: Partial<DeployToken> = {}): DeployToken {
  return {
    id: 7,
    kind: 'secret',
    owner: { kind: 'project', id: 1 },
    only: null,
    name: 'ci',
    username: 'deploy-token-7',
    scopes: ['read_registry'],
    expiresAt: null,
    createdAt: LONG_AGO,
    createdBy: null,
    suspendedAt: null,
    revokedAt: null,
    revokedBy: null,
    ...overrides,
  };
}

export function tokenWith(...scopes: DeployTokenScope[]): Actor {
  return { kind: 'deploy-token', token: aDeployToken({ scopes }) };
}

export function aUser(overrides: Partial<User> = {}): User {
  return {
    id: 3,
    username: 'ada',
    displayName: 'Ada',
    isAdmin: false,
    blockedAt: null,
    createdAt: LONG_AGO,
    ...overrides,
  };
}

export function anAccessToken(overrides: Partial<AccessToken> = {}): AccessToken {
  return {
    id: 5,
    userId: 3,
    name: 'laptop',
    scopes: ['api'],
    expiresAt: null,
    createdAt: LONG_AGO,
    revokedAt: null,
    lastUsedAt: null,
    ...overrides,
  };
}

export const A_PASSWORD: UserCredential = { kind: 'password', version: 'the-first' };

export function byAccessToken(overrides: Partial<AccessToken> = {}): UserCredential {
  return { kind: 'access_token', token: anAccessToken(overrides) };
}

/** Where requests of tests come in. */
export const AN_ORIGIN: Origin = { door: 'web', address: '192.0.2.1', requestId: 'request-1' };

/** A user with this role in project 1; no member of it for null. */
export function userWho(role: Role | null, overrides: Partial<UserActor> = {}): UserActor {
  return {
    kind: 'user',
    user: aUser(),
    roles: { projects: new Map(role === null ? [] : [[1, role]]), namespaces: new Map() },
    credential: A_PASSWORD,
    origin: AN_ORIGIN,
    ...overrides,
  };
}

export function anAdmin(): UserActor {
  return userWho(null, { user: aUser({ isAdmin: true }) });
}
