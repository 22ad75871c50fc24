import { isExpired } from './expiry.js';

export const DEPLOY_TOKEN_SCOPES = ['read_repository', 'read_registry'] as const;
export type DeployTokenScope = (typeof DEPLOY_TOKEN_SCOPES)[number];

export interface DeployToken {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  readonly username: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** The user who made it; null when the operator did, on the command line. */
  readonly createdBy: number | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: number | null;
}

/**
 * When and how a deploy token was last used: its username and secret were right, whatever was then granted.
 * One that is used after its end is refused, and somebody has forgotten it somewhere.
 */
export interface DeployTokenUse {
  readonly deployTokenId: number;
  readonly usedAt: Date;
  readonly door: 'registry' | 'git';
  readonly address: string;
  /** What the program said of itself. */
  readonly userAgent: string;
  /** The repository asked for first; null for a login, which asks for none. */
  readonly repository: string | null;
}

/** How often a deploy token was used on a day, refused requests left out. */
export interface DeployTokenDay {
  readonly deployTokenId: number;
  /** Counted from 1970-01-01, UTC: see `dayOf`. */
  readonly day: number;
  readonly uses: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** The number of the UTC day, in milliseconds since 1970. */
export function dayOf(milliseconds: number): number {
  return Math.floor(milliseconds / DAY_MS);
}

/** When a day begins. */
export function startOfDay(day: number): Date {
  return new Date(day * DAY_MS);
}

export type DeployTokenStatus = 'active' | 'expired' | 'revoked';

/** A token that was revoked stays `revoked` after its expiry date too. */
export function deployTokenStatus(token: DeployToken, now: Date): DeployTokenStatus {
  if (token.revokedAt !== null) {
    return 'revoked';
  }
  return isExpired(token.expiresAt, now) ? 'expired' : 'active';
}

const USERNAME = /^[a-zA-Z0-9._+-]{1,255}$/;

/** A colon is impossible, since HTTP Basic and containerd cut `user:password` at the first one. */
export function isDeployTokenUsername(text: string): boolean {
  return USERNAME.test(text);
}

export function defaultDeployTokenUsername(id: number): string {
  return `deploy-token-${id}`;
}

export function isDeployTokenScope(text: string): text is DeployTokenScope {
  return DEPLOY_TOKEN_SCOPES.some((scope) => scope === text);
}
