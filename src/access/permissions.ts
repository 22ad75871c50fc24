/** Who may do what. Every door asks this file and no other; it does no I/O and knows no HTTP. */

import type { AccessTokenScope } from './access-token.js';
import type { Actor, UserActor } from './actor.js';
import type { DeployTokenScope } from './deploy-token.js';
import { namespaceOf, type Project, type Visibility } from './project.js';
import { liesIn } from './repository-name.js';
import type { Role } from './role.js';
import type { AccessEntry } from './scope.js';

/**
 * What can be done to one project. `see_project` is knowing that it exists; `see_settings` reads its
 * deploy tokens and members, `manage` changes them and its settings.
 */
export const PERMISSIONS = [
  'see_project',
  'pull_image',
  'push_image',
  'delete_image',
  'clone',
  'git_push',
  'see_settings',
  'manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** What concerns no single project. `oversee` reads what `administer` changes: accounts and tokens. */
export type InstancePermission = 'list_catalogue' | 'oversee' | 'administer' | 'create_project';

const SEE: readonly Permission[] = ['see_project'];
const READ: readonly Permission[] = [...SEE, 'pull_image', 'clone'];
const WRITE: readonly Permission[] = ['push_image', 'git_push'];
const REFUSED_WHEN_ARCHIVED: ReadonlySet<Permission> = new Set([...WRITE, 'delete_image']);

const BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  guest: SEE,
  reporter: READ,
  developer: [...READ, ...WRITE],
  maintainer: PERMISSIONS,
  owner: PERMISSIONS,
};

const BY_DEPLOY_TOKEN_SCOPE: Readonly<Record<DeployTokenScope, readonly Permission[]>> = {
  read_repository: ['clone'],
  read_registry: ['pull_image'],
};

type AnyPermission = Permission | InstancePermission;

/** A personal access token never adds to its user's permissions; it only leaves some of them. */
const BY_ACCESS_TOKEN_SCOPE: Readonly<Record<AccessTokenScope, readonly AnyPermission[]>> = {
  api: [...PERMISSIONS, 'list_catalogue', 'oversee', 'administer', 'create_project'],
  read_api: [...SEE, 'see_settings', 'oversee'],
  read_registry: ['pull_image', 'list_catalogue'],
  write_registry: ['push_image'],
  read_repository: ['clone'],
  write_repository: ['clone', 'git_push'],
};

/** The registry's words for actions. `*` is everything at once, and so takes every permission. */
const BY_REGISTRY_ACTION: ReadonlyMap<string, readonly Permission[]> = new Map([
  ['pull', ['pull_image']],
  ['push', ['push_image']],
  ['delete', ['delete_image']],
  ['*', ['pull_image', 'push_image', 'delete_image']],
]);

export function isAllowed(actor: Actor, permission: Permission, project: Project): boolean {
  if (project.archivedAt !== null && REFUSED_WHEN_ARCHIVED.has(permission)) {
    return false;
  }
  const isRead = READ.includes(permission);
  if (isRead && project.visibility === 'public') {
    return true;
  }
  switch (actor.kind) {
    case 'anonymous':
      return false;
    case 'deploy-token':
      return (
        actor.token.projectId === project.id &&
        actor.token.scopes.some((scope) => BY_DEPLOY_TOKEN_SCOPE[scope].includes(permission))
      );
    case 'user':
      return isWithinScopes(actor, permission) && isAllowedAsUser(actor, permission, project);
    case 'operator':
      return true;
  }
}

function isAllowedAsUser(actor: UserActor, permission: Permission, project: Project): boolean {
  if (actor.user.isAdmin || (READ.includes(permission) && project.visibility === 'internal')) {
    return true;
  }
  const role = actor.roles.get(project.id);
  return role !== undefined && BY_ROLE[role].includes(permission);
}

export function isAllowedOnInstance(actor: Actor, permission: InstancePermission): boolean {
  switch (actor.kind) {
    case 'anonymous':
    case 'deploy-token':
      return false;
    case 'user':
      return (
        (actor.user.isAdmin || permission === 'create_project') && isWithinScopes(actor, permission)
      );
    case 'operator':
      return true;
  }
}

/**
 * The projects that an actor may know of, as a database can look for them: `see_project` once more,
 * held to `isAllowed` by a property test.
 */
export type ProjectsInSight =
  | { readonly kind: 'all' }
  | {
      readonly kind: 'some';
      readonly visibilities: readonly Visibility[];
      /** And whatever this user is a member of. */
      readonly memberId: number | null;
    };

export function projectsInSight(actor: Actor): ProjectsInSight {
  const isHeard = actor.kind === 'user' && isWithinScopes(actor, 'see_project');
  if (actor.kind === 'operator' || (isHeard && actor.user.isAdmin)) {
    return { kind: 'all' };
  }
  return isHeard
    ? { kind: 'some', visibilities: ['public', 'internal'], memberId: actor.user.id }
    : { kind: 'some', visibilities: ['public'], memberId: null };
}

/**
 * Whether the actor may see and change how one account signs in: its password and its sessions. A
 * personal access token is not enough for its own user.
 */
export function mayManageAccount(actor: Actor, userId: number): boolean {
  return (
    isAllowedOnInstance(actor, 'administer') ||
    (actor.kind === 'user' && actor.accessToken === null && actor.user.id === userId)
  );
}

/** Whether the actor may list the personal access tokens of one account, or make and revoke them. */
export function mayUseAccessTokens(actor: Actor, userId: number, use: ApiUse): boolean {
  return (
    isAllowedOnInstance(actor, use === 'read' ? 'oversee' : 'administer') ||
    (actor.kind === 'user' && actor.user.id === userId && mayUseApi(actor, use))
  );
}

/**
 * The latest expiry of a personal access token that the actor makes for an account; null for any. One
 * made by another of the same user ends with it at the latest, so that a leaked token cannot outlive
 * its own expiry.
 */
export function latestExpiry(actor: Actor, userId: number): Date | null {
  return actor.kind === 'user' && actor.user.id === userId
    ? (actor.accessToken?.expiresAt ?? null)
    : null;
}

export type ApiUse = 'read' | 'write';

/** Whether the actor's credential is meant for the API at all. Anonymous reads what is public. */
export function mayUseApi(actor: Actor, use: ApiUse): boolean {
  switch (actor.kind) {
    case 'anonymous':
      return use === 'read';
    case 'deploy-token':
      return false;
    case 'operator':
      return true;
    case 'user':
      return isWithinScopes(actor, use === 'read' ? 'see_settings' : 'manage');
  }
}

function isWithinScopes(actor: UserActor, permission: AnyPermission): boolean {
  return (
    actor.accessToken === null ||
    actor.accessToken.scopes.some((scope) => BY_ACCESS_TOKEN_SCOPE[scope].includes(permission))
  );
}

/** Whether the actor's credential is meant for the registry at all, whatever the project. */
export function mayUseRegistry(actor: Actor): boolean {
  switch (actor.kind) {
    case 'anonymous':
    case 'operator':
      return true;
    case 'deploy-token':
      return actor.token.scopes.includes('read_registry');
    case 'user':
      return isWithinScopes(actor, 'pull_image') || isWithinScopes(actor, 'push_image');
  }
}

/** Whether the actor's credential is meant for git at all, whatever the project. */
export function mayUseGit(actor: Actor): boolean {
  switch (actor.kind) {
    case 'anonymous':
    case 'operator':
      return true;
    case 'deploy-token':
      return actor.token.scopes.includes('read_repository');
    case 'user':
      return isWithinScopes(actor, 'clone');
  }
}

/**
 * Narrows what was asked for to what the actor may have; entries left without an action are gone.
 * Being refused is no error: the registry is told what was granted, possibly nothing, and turns the
 * rest away itself. Nothing is granted that was not asked for, and names go out as they came in.
 *
 * `projects` holds those found for the requested names; one that owns no requested name is ignored.
 */
export function grant(
  actor: Actor,
  requested: readonly AccessEntry[],
  projects: readonly Project[],
): AccessEntry[] {
  const granted: AccessEntry[] = [];
  for (const entry of requested) {
    const actions = grantedActions(actor, entry, projects);
    if (actions.length > 0) {
      granted.push({ type: entry.type, name: entry.name, actions });
    }
  }
  return granted;
}

function grantedActions(
  actor: Actor,
  { type, name, actions }: AccessEntry,
  projects: readonly Project[],
): string[] {
  if (type === 'registry' && name === 'catalog') {
    return isAllowedOnInstance(actor, 'list_catalogue') ? actions.filter((a) => a === '*') : [];
  }
  const project = type === 'repository' ? projectOf(name, projects) : undefined;
  if (project === undefined) {
    return [];
  }
  return actions.filter((action) =>
    BY_REGISTRY_ACTION.get(action)?.every((permission) => isAllowed(actor, permission, project)),
  );
}

function projectOf(repositoryName: string, projects: readonly Project[]): Project | undefined {
  return projects.find(({ path }) => liesIn(repositoryName, namespaceOf(path)));
}
