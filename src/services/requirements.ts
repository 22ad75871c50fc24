/** Checks that several use cases begin with; each throws an AppError when it does not hold. */

import type { Actor } from '../access/actor.js';
import type { Owner } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import {
  decideAt,
  isAllowedOnInstance,
  mayManageAccount,
  mayUseAccessTokens,
  type ApiUse,
} from '../access/permissions.js';

const WHO: Readonly<Record<Owner['kind'], string>> = {
  project: 'Only maintainers of the project',
  namespace: 'Only maintainers of the namespace',
  instance: 'Only administrators',
};

export function requireSeeSettings(actor: Actor, owner: Owner): void {
  if (decideAt(actor, 'see_settings', owner) !== null) {
    throw new AppError('forbidden', `${WHO[owner.kind]} may see this.`);
  }
}

export function requireManage(actor: Actor, owner: Owner): void {
  if (decideAt(actor, 'manage', owner) !== null) {
    throw new AppError('forbidden', `${WHO[owner.kind]} may do this.`);
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
