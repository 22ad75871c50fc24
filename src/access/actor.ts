import type { AccessToken } from './access-token.js';
import type { DeployToken } from './deploy-token.js';
import type { Role } from './role.js';
import type { User } from './user.js';

export const DOORS = ['web', 'api', 'registry', 'git', 'cli'] as const;
export type DoorName = (typeof DOORS)[number];

/** Where a request came in, for the audit trail. */
export interface Origin {
  readonly door: DoorName;
  /** Null on the command line, as is the next. */
  readonly address: string | null;
  readonly requestId: string | null;
}

export interface UserActor {
  readonly kind: 'user';
  readonly user: User;
  /** Project id to role, of the projects the user is a member of. */
  readonly roles: ReadonlyMap<number, Role>;
  /** The personal access token presented, whose scopes narrow what the user may; null for a password. */
  readonly accessToken: AccessToken | null;
  readonly origin: Origin;
}

/** Whoever runs the command line on the host, and so holds the database and the keys anyway. */
export interface OperatorActor {
  readonly kind: 'operator';
  readonly origin: Origin;
}

/** Who is asking, once credentials have been checked: never a dead token or a blocked user. */
export type Actor =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'deploy-token'; readonly token: DeployToken }
  | UserActor
  | OperatorActor;

export const ANONYMOUS: Actor = { kind: 'anonymous' };
export const OPERATOR: OperatorActor = {
  kind: 'operator',
  origin: { door: 'cli', address: null, requestId: null },
};

/**
 * The name of an actor in JWTs and logs. A deploy token's holds a colon, which no username can, so
 * one can never be taken for the other, whatever username the token was given.
 */
export function subjectOf(actor: Actor): string {
  switch (actor.kind) {
    case 'anonymous':
      return '';
    case 'deploy-token':
      return `deploy-token:${actor.token.id}`;
    case 'user':
      return actor.user.username;
    case 'operator':
      return 'operator:';
  }
}

/** When what the actor presented stops to count; null for never. Nothing issued for it lives longer. */
export function credentialsExpireAt(actor: Actor): Date | null {
  switch (actor.kind) {
    case 'deploy-token':
      return actor.token.expiresAt;
    case 'user':
      return actor.accessToken?.expiresAt ?? null;
    case 'anonymous':
    case 'operator':
      return null;
  }
}

/** What the actor presented, as the beginning of a sentence for its holder. */
export function credentialsOf(actor: Actor): string {
  switch (actor.kind) {
    case 'deploy-token':
      return 'This deploy token';
    case 'user':
      return actor.accessToken === null ? 'This account' : 'This personal access token';
    case 'anonymous':
    case 'operator':
      return 'This request';
  }
}
