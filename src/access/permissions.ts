/** Who may do what. Every door asks this file and no other; it does no I/O and knows no HTTP. */

import type { AccessTokenScope } from './access-token.js';
import { accessTokenOf, type Actor, type UserActor } from './actor.js';
import {
  isAmong,
  ownerReaches,
  type DeployToken,
  type DeployTokenScope,
  type Owner,
} from './deploy-token.js';
import { namespaceOf, type Project, type Visibility } from './project.js';
import type { Reason } from './reason.js';
import { isRepositoryName } from './repository-name.js';
import { roleInNamespace, roleInProject, ROLES, type Role } from './role.js';

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

/** What can be done to a namespace. Its settings are its members and its deploy tokens. */
export type NamespacePermission = 'see_settings' | 'manage' | 'create_project';

/** What concerns no single project. `oversee` reads what `administer` changes: accounts and tokens. */
export type InstancePermission = 'list_catalogue' | 'oversee' | 'administer';

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

const BY_ANY_DEPLOY_TOKEN: ReadonlySet<Permission> = new Set(
  Object.values(BY_DEPLOY_TOKEN_SCOPE).flat(),
);

type AnyPermission = Permission | NamespacePermission | InstancePermission;

/** A personal access token never adds to its user's permissions; it only leaves some of them. */
const BY_ACCESS_TOKEN_SCOPE: Readonly<Record<AccessTokenScope, readonly AnyPermission[]>> = {
  api: [...PERMISSIONS, 'list_catalogue', 'oversee', 'administer', 'create_project'],
  read_api: [...SEE, 'see_settings', 'oversee'],
  read_registry: ['pull_image', 'list_catalogue'],
  write_registry: ['push_image'],
  read_repository: ['clone'],
  write_repository: ['clone', 'git_push'],
};

/** Why the actor may not do this to the project; null when it may. */
export function decide(
  actor: Actor,
  permission: Permission,
  project: Project,
  /** In the registry, the name of the repository. */
  repository?: string,
): Reason | null {
  if (project.archivedAt !== null && REFUSED_WHEN_ARCHIVED.has(permission)) {
    return 'archived';
  }
  if (READ.includes(permission) && project.visibility === 'public') {
    return null;
  }
  switch (actor.kind) {
    case 'anonymous':
      return 'not_signed_in';
    case 'deploy-token':
      return decideForDeployToken(actor.token, permission, project, repository);
    case 'user':
      return isWithinScopes(actor, permission)
        ? decideForUser(actor, permission, project)
        : 'scope_missing';
    case 'operator':
      return null;
  }
}

export function isAllowed(actor: Actor, permission: Permission, project: Project): boolean {
  return decide(actor, permission, project) === null;
}

function decideForDeployToken(
  { owner, only, scopes }: DeployToken,
  permission: Permission,
  project: Project,
  repository: string | undefined,
): Reason | null {
  if (!BY_ANY_DEPLOY_TOKEN.has(permission)) {
    return 'not_for_deploy_tokens';
  }
  if (!ownerReaches(owner, project)) {
    return 'other_project';
  }
  if (only !== null && !isAmong(only, project, repository ?? namespaceOf(project.path))) {
    return 'not_among_only';
  }
  const hasScope = scopes.some((scope) => BY_DEPLOY_TOKEN_SCOPE[scope].includes(permission));
  return hasScope ? null : 'scope_missing';
}

function decideForUser(
  { user, roles }: UserActor,
  permission: Permission,
  project: Project,
): Reason | null {
  if (user.isAdmin || (READ.includes(permission) && project.visibility === 'internal')) {
    return null;
  }
  return decideByRole(roleInProject(roles, project), permission);
}

function decideByRole(role: Role | undefined, permission: Permission): Reason | null {
  if (role === undefined) {
    return 'not_a_member';
  }
  return BY_ROLE[role].includes(permission) ? null : 'role_too_low';
}

/** The roles in a project that include this, for lists of the projects where somebody has one. */
export function rolesThatMay(permission: Permission): Role[] {
  return ROLES.filter((role) => BY_ROLE[role].includes(permission));
}

/** Why the actor may not do this to the namespace; null when it may. */
export function decideInNamespace(
  actor: Actor,
  permission: NamespacePermission,
  path: string,
): Reason | null {
  switch (actor.kind) {
    case 'anonymous':
      return 'not_signed_in';
    case 'deploy-token':
      return 'not_for_deploy_tokens';
    case 'user': {
      if (!isWithinScopes(actor, permission)) {
        return 'scope_missing';
      }
      const asked = permission === 'create_project' ? 'manage' : permission;
      return actor.user.isAdmin ? null : decideByRole(roleInNamespace(actor.roles, path), asked);
    }
    case 'operator':
      return null;
  }
}

/** `projects.create`: who makes projects, besides administrators anywhere. */
export const PROJECT_CREATORS = ['maintainers', 'administrators'] as const;
export type ProjectCreators = (typeof PROJECT_CREATORS)[number];

/** Why the actor may not make a project in the namespace; null when it may. */
export function decideProjectCreation(
  actor: Actor,
  namespace: string,
  creators: ProjectCreators,
): Reason | null {
  const reason = decideInNamespace(actor, 'create_project', namespace);
  return reason === null && creators === 'administrators' && !isAdministrator(actor)
    ? 'administrators_only'
    : reason;
}

/** Whoever looks after the whole instance, whatever the credential allows. */
export function isAdministrator(actor: Actor): boolean {
  return actor.kind === 'operator' || (actor.kind === 'user' && actor.user.isAdmin);
}

/** Why the actor may not see, or change, the settings of a project, a namespace or the instance. */
export function decideAt(
  actor: Actor,
  permission: 'see_settings' | 'manage',
  owner: Owner,
): Reason | null {
  switch (owner.kind) {
    case 'project':
      return decide(actor, permission, owner);
    case 'namespace':
      return decideInNamespace(actor, permission, owner.path);
    case 'instance':
      return decideOnInstance(actor, permission === 'manage' ? 'administer' : 'oversee');
  }
}

/** The namespaces, in lower case, in and below which the actor may make projects and namespaces; null for any. */
export function mayCreateBelow(actor: Actor): readonly string[] | null {
  if (decideInNamespace(actor, 'create_project', '') === null) {
    return null;
  }
  return actor.kind === 'user'
    ? [...actor.roles.namespaces.keys()].filter(
        (path) => decideInNamespace(actor, 'create_project', path) === null,
      )
    : [];
}

/**
 * Why the actor may not do this to a repository that no project owns; null when it may. Only who looks
 * after the whole registry may: nobody gets what lies there by making a project over it.
 */
export function decideOnUnowned(
  actor: Actor,
  permission: Permission,
  repository: string,
): Reason | null {
  if (!isRepositoryName(repository)) {
    return 'no_project';
  }
  switch (actor.kind) {
    case 'anonymous':
    case 'deploy-token':
      return 'no_project';
    case 'user':
      if (!actor.user.isAdmin) {
        return 'no_project';
      }
      return isWithinScopes(actor, permission) ? null : 'scope_missing';
    case 'operator':
      return null;
  }
}

/** Why the actor may not do this on the instance; null when it may. */
export function decideOnInstance(actor: Actor, permission: InstancePermission): Reason | null {
  switch (actor.kind) {
    case 'anonymous':
      return 'not_signed_in';
    case 'deploy-token':
      return 'not_for_deploy_tokens';
    case 'user':
      if (!actor.user.isAdmin) {
        return 'administrators_only';
      }
      return isWithinScopes(actor, permission) ? null : 'scope_missing';
    case 'operator':
      return null;
  }
}

export function isAllowedOnInstance(actor: Actor, permission: InstancePermission): boolean {
  return decideOnInstance(actor, permission) === null;
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
      /** And whatever this user is a member of, or lies below one of these namespaces. */
      readonly memberId: number | null;
      readonly below: readonly string[];
    };

export function projectsInSight(actor: Actor): ProjectsInSight {
  const isHeard = actor.kind === 'user' && isWithinScopes(actor, 'see_project');
  if (actor.kind === 'operator' || (isHeard && actor.user.isAdmin)) {
    return { kind: 'all' };
  }
  return isHeard
    ? {
        kind: 'some',
        visibilities: ['public', 'internal'],
        memberId: actor.user.id,
        below: [...actor.roles.namespaces.keys()],
      }
    : { kind: 'some', visibilities: ['public'], memberId: null, below: [] };
}

/**
 * Whether the actor may see and change how one account signs in: its password and its sessions. A
 * personal access token is not enough for its own user.
 */
export function mayManageAccount(actor: Actor, userId: number): boolean {
  return (
    isAllowedOnInstance(actor, 'administer') ||
    (actor.kind === 'user' && accessTokenOf(actor) === null && actor.user.id === userId)
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
    ? (accessTokenOf(actor)?.expiresAt ?? null)
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
  const token = accessTokenOf(actor);
  return (
    token === null ||
    token.scopes.some((scope) => BY_ACCESS_TOKEN_SCOPE[scope].includes(permission))
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
