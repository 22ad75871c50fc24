/** A link with which somebody makes their own account, once. */

import type { Place } from './namespace.js';
import type { Role } from './role.js';

export interface Invitation {
  readonly id: number;
  /** Null where the invited choose it. */
  readonly username: string | null;
  readonly roles: readonly InvitedRole[];
  readonly createdAt: Date;
  /** Null for the operator. */
  readonly createdBy: number | null;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  /** Whose account was made with it. */
  readonly usedBy: number | null;
  readonly revokedAt: Date | null;
}

/** What the new account is a member of. */
export interface InvitedRole {
  readonly place: Pick<Place, 'kind' | 'id'>;
  readonly role: Role;
}

export type InvitationStatus = 'open' | 'used' | 'revoked' | 'expired';

export function invitationStatus(
  { usedAt, revokedAt, expiresAt }: Pick<Invitation, 'usedAt' | 'revokedAt' | 'expiresAt'>,
  now: Date,
): InvitationStatus {
  if (usedAt !== null) {
    return 'used';
  }
  if (revokedAt !== null) {
    return 'revoked';
  }
  return now < expiresAt ? 'open' : 'expired';
}
