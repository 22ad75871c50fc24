import { isExpired } from './expiry.js';
import type { Place } from './namespace.js';
import { namespaceOf, type Project } from './project.js';
import { liesAtOrBelow } from './tree.js';

export const DEPLOY_TOKEN_SCOPES = ['read_repository', 'read_registry'] as const;
export type DeployTokenScope = (typeof DEPLOY_TOKEN_SCOPES)[number];

/** What a deploy token belongs to: it reaches the projects at and below it, those made later too. */
export type DeployTokenOwner =
  | { readonly kind: 'project'; readonly id: number }
  | {
      readonly kind: 'namespace';
      readonly id: number;
      /** In lower case. Paths never change. */
      readonly path: string;
    }
  | { readonly kind: 'instance' };

/** Where a deploy token is made and managed: a project, a namespace, or all of Pullgate. */
export type Owner = Place | { readonly kind: 'instance' };
export const INSTANCE = { kind: 'instance' } as const;

export const DEPLOY_TOKEN_KINDS = ['secret', 'federated'] as const;
export type DeployTokenKind = (typeof DEPLOY_TOKEN_KINDS)[number];

export interface DeployToken {
  readonly id: number;
  readonly kind: DeployTokenKind;
  readonly owner: DeployTokenOwner;
  /** Repository names and project paths, in lower case, that alone are reached; null for all. */
  readonly only: readonly string[] | null;
  readonly name: string;
  readonly username: string;
  readonly scopes: readonly DeployTokenScope[];
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  /** The user who made it; null when the operator did, on the command line. */
  readonly createdBy: number | null;
  readonly suspendedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly revokedBy: number | null;
}

export function isSameOwner(a: DeployTokenOwner, b: DeployTokenOwner): boolean {
  return a.kind === b.kind && (a.kind === 'instance' || b.kind === 'instance' || a.id === b.id);
}

/** Whether a token of this owner reaches the project at all; `only` may narrow it further. */
export function ownerReaches(owner: DeployTokenOwner, project: Project): boolean {
  switch (owner.kind) {
    case 'project':
      return owner.id === project.id;
    case 'namespace':
      return liesAtOrBelow(namespaceOf(project.path), owner.path);
    case 'instance':
      return true;
  }
}

/** Whether `only` lets through a repository of the project: by its own name, or by the project's path. */
export function isAmong(only: readonly string[], project: Project, repository: string): boolean {
  const path = namespaceOf(project.path);
  return only.some((entry) => liesAtOrBelow(repository, entry) || liesAtOrBelow(path, entry));
}

/**
 * When and how a deploy token was last used: its username and secret were right, whatever was then granted.
 * One that is used after its end is refused, and somebody has forgotten it somewhere. So is one whose
 * secret ends with a line break, and somebody has stored it wrongly.
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
  /** Null for a secret that was written as it should be. */
  readonly fault: 'line_break' | null;
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

export type DeployTokenStatus = 'active' | 'suspended' | 'expired' | 'revoked';

/** One that was revoked stays `revoked`, one that expired stays `expired`, whatever else it is. */
export function deployTokenStatus(token: DeployToken, now: Date): DeployTokenStatus {
  if (token.revokedAt !== null) {
    return 'revoked';
  }
  if (isExpired(token.expiresAt, now)) {
    return 'expired';
  }
  return token.suspendedAt === null ? 'active' : 'suspended';
}

/** What only a generated username may look like. */
export function looksGenerated(username: string): boolean {
  return /^deploy-token-\d+$/i.test(username);
}

const USERNAME = /^[a-zA-Z0-9._+-]{1,255}$/;

/** A colon is impossible, since HTTP Basic and containerd cut `user:password` at the first one. */
export function isDeployTokenUsername(text: string): boolean {
  return USERNAME.test(text);
}

export function defaultDeployTokenUsername(id: number): string {
  return `deploy-token-${id}`;
}

export function isDeployTokenKind(text: string): text is DeployTokenKind {
  return DEPLOY_TOKEN_KINDS.some((kind) => kind === text);
}

export function isDeployTokenScope(text: string): text is DeployTokenScope {
  return DEPLOY_TOKEN_SCOPES.some((scope) => scope === text);
}
