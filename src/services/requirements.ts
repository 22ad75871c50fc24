/** Checks that several use cases begin with; each throws an AppError when it does not hold. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import {
  isAllowed,
  isAllowedOnInstance,
  mayManageAccount,
  mayUseAccessTokens,
  type ApiUse,
} from '../access/permissions.js';
import type { Project } from '../access/project.js';

export function requireSeeSettings(actor: Actor, project: Project): void {
  if (!isAllowed(actor, 'see_settings', project)) {
    throw new AppError('forbidden', 'Only maintainers of the project may see this.');
  }
}

export function requireManage(actor: Actor, project: Project): void {
  if (!isAllowed(actor, 'manage', project)) {
    throw new AppError('forbidden', 'Only maintainers of the project may do this.');
  }
}

export function requireAdministrator(actor: Actor): void {
  if (!isAllowedOnInstance(actor, 'administer')) {
    throw new AppError('forbidden', 'Only administrators may do this.');
  }
}

/** For whoever only looks at what administrators do. */
export function requireOversight(actor: Actor): void {
  if (!isAllowedOnInstance(actor, 'oversee')) {
    throw new AppError('forbidden', 'Only administrators may see this.');
  }
}

export function requireAccessTokens(actor: Actor, userId: number, use: ApiUse): void {
  if (!mayUseAccessTokens(actor, userId, use)) {
    throw new AppError('forbidden', 'Only the user and administrators may do this.');
  }
}

export function requireAccount(actor: Actor, userId: number): void {
  if (!mayManageAccount(actor, userId)) {
    throw new AppError('forbidden', 'Only the user, signed in, and administrators may do this.');
  }
}

/** For the record of who did it; null for the operator. */
export function userIdOf(actor: Actor): number | null {
  return actor.kind === 'user' ? actor.user.id : null;
}
