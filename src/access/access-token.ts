/** Personal access tokens: a user's own credential, narrowed to some scopes. */

import { isExpired } from './expiry.js';

export const ACCESS_TOKEN_PREFIX = 'glpat-';

export const ACCESS_TOKEN_SCOPES = [
  'api',
  'read_api',
  'read_registry',
  'write_registry',
  'read_repository',
  'write_repository',
] as const;
export type AccessTokenScope = (typeof ACCESS_TOKEN_SCOPES)[number];

export interface AccessToken {
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly scopes: readonly AccessTokenScope[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  /** To within ten minutes; null for one that never was. */
  readonly lastUsedAt: Date | null;
}

export function isAccessTokenActive(token: AccessToken, now: Date): boolean {
  return token.revokedAt === null && !isExpired(token.expiresAt, now);
}

export function isAccessTokenScope(text: string): text is AccessTokenScope {
  return ACCESS_TOKEN_SCOPES.some((scope) => scope === text);
}
