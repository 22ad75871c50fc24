import { ROLES, type Role } from '../access/role.js';

const ROLE_HINTS: Readonly<Record<Role, string>> = {
  guest: 'sees that it is there',
  reporter: 'pulls and clones',
  developer: 'pushes too',
  maintainer: 'manages tokens, members and settings',
  owner: 'the same as a maintainer',
};

/** For forms that give a role. */
export const ROLE_OPTIONS = ROLES.map((role) => ({
  value: role,
  label: `${role} – ${ROLE_HINTS[role]}`,
}));
