/** How much of what costs others something one user may have. The operator is not bound. */

import type { UserActor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Stores } from '../store/open-store.js';

export interface Quotas {
  /** `quotas.projects_per_user` */
  readonly projectsPerUser: number;
  /** `quotas.access_tokens_per_user` */
  readonly accessTokensPerUser: number;
  /** `quotas.lfs_bytes_per_project` */
  readonly lfsBytesPerProject: number;
}

/** For the operator, who is not bound. */
export const NO_QUOTAS: Quotas = {
  projectsPerUser: Infinity,
  accessTokensPerUser: Infinity,
  lfsBytesPerProject: Infinity,
};

export async function requireRoomForProject(
  { projectsPerUser }: Quotas,
  { members }: Pick<Stores, 'members'>,
  { user }: UserActor,
): Promise<void> {
  const owned = user.isAdmin ? 0 : await members.countOwned(user.id);
  if (owned >= projectsPerUser) {
    throw new AppError(
      'conflict',
      `You own ${owned} projects, and nobody may own more than ${projectsPerUser}. Remove one, or ask an administrator.`,
    );
  }
}

/** Each is a role of its owner, who may give it to others, and roles are read at each request. */
export async function requireRoomForNamespace(
  { projectsPerUser }: Quotas,
  { members }: Pick<Stores, 'members'>,
  { user }: UserActor,
): Promise<void> {
  const owned = user.isAdmin ? 0 : await members.countOwnedNamespaces(user.id);
  if (owned >= projectsPerUser) {
    throw new AppError(
      'conflict',
      `You own ${owned} namespaces, and nobody may own more than ${projectsPerUser}. Remove one, or ask an administrator.`,
    );
  }
}

export async function requireRoomForAccessToken(
  { accessTokensPerUser }: Quotas,
  { accessTokens }: Pick<Stores, 'accessTokens'>,
  userId: number,
  now: Date,
): Promise<void> {
  if ((await accessTokens.countActive(userId, now)) >= accessTokensPerUser) {
    throw new AppError(
      'conflict',
      `Nobody may have more than ${accessTokensPerUser} active personal access tokens. Revoke one first.`,
    );
  }
}
