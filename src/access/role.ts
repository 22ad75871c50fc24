import { pathsAbove } from './tree.js';
import type { User } from './user.js';

/** From least to most; the numbers are GitLab's access levels, which its API clients send. */
export const ROLE_LEVELS = {
  guest: 10,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
} as const;
export type Role = keyof typeof ROLE_LEVELS;

export const ROLES: readonly Role[] = ['guest', 'reporter', 'developer', 'maintainer', 'owner'];

/** Takes the role's name in any case; `master` is what GitLab called a maintainer before 11.0. */
export function parseRole(text: string): Role | null {
  const name = text.toLowerCase();
  if (name === 'master') {
    return 'maintainer';
  }
  return ROLES.find((role) => role === name) ?? null;
}

export function roleOfLevel(level: number): Role | null {
  return ROLES.find((role) => ROLE_LEVELS[role] === level) ?? null;
}

/** The roles of one user. A role in a namespace holds for everything below it. */
export interface Roles {
  /** By the id of the project. */
  readonly projects: ReadonlyMap<number, Role>;
  /** By the path of the namespace, in lower case. */
  readonly namespaces: ReadonlyMap<string, Role>;
}

export const NO_ROLES: Roles = { projects: new Map(), namespaces: new Map() };

/** The highest of the project's own and those of the namespaces above it; undefined for no member. */
export function roleInProject(
  { projects, namespaces }: Roles,
  project: { readonly id: number; readonly path: string },
): Role | undefined {
  const own = projects.get(project.id);
  return namespaces.size === 0
    ? own
    : highest(own, roleAmong(namespaces, pathsAbove(project.path.toLowerCase())));
}

/** The highest of the namespace's own and those of the namespaces above it. */
export function roleInNamespace({ namespaces }: Roles, path: string): Role | undefined {
  const key = path.toLowerCase();
  return roleAmong(namespaces, [...pathsAbove(key), key]);
}

/** Where the user has one of these roles: the paths of the namespaces, in lower case. */
export function namespacesOfRole({ namespaces }: Roles, roles: readonly Role[]): string[] {
  return [...namespaces].filter(([, role]) => roles.includes(role)).map(([path]) => path);
}

function roleAmong(
  namespaces: ReadonlyMap<string, Role>,
  paths: readonly string[],
): Role | undefined {
  let role: Role | undefined;
  for (const path of paths) {
    role = highest(role, namespaces.get(path));
  }
  return role;
}

export function highest(a: Role | undefined, b: Role | undefined): Role | undefined {
  if (a === undefined || b === undefined) {
    return a ?? b;
  }
  return ROLE_LEVELS[a] >= ROLE_LEVELS[b] ? a : b;
}

/** Of a project or a namespace, with the account behind it. */
export interface Member {
  readonly user: User;
  readonly role: Role;
}
