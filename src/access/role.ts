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

/** Of a project, with the account behind it. */
export interface Member {
  readonly user: User;
  readonly role: Role;
}
