import type { AccessToken } from './access-token.js';
import type { DeployToken } from './deploy-token.js';
import type { Roles } from './role.js';
import type { Session } from './session.js';
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

/** What a user has proved with who they are; whether it still holds is asked again before anything is written. */
export type UserCredential =
  | { readonly kind: 'access_token'; readonly token: AccessToken }
  | { readonly kind: 'session'; readonly session: Session }
  /** The version tells this password from any that the account has had or will have. */
  | { readonly kind: 'password'; readonly version: string };

export interface UserActor {
  readonly kind: 'user';
  readonly user: User;
  readonly roles: Roles;
  readonly credential: UserCredential;
  readonly origin: Origin;
}

/** Whoever runs the command line on the host, and so holds the database and the keys anyway. */
export interface OperatorActor {
  readonly kind: 'operator';
  /** Their account on the host, where that is known: whoever became root by sudo. */
  readonly account?: string;
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

/** Before the account on the host: with the colon, no user can be called so. */
export const OPERATOR_PREFIX = 'operator:';

/** `OPERATOR` with the account on the host, if it is a name of one. */
export function operatorWho(account: string | undefined): OperatorActor {
  return account !== undefined && HOST_ACCOUNT.test(account) ? { ...OPERATOR, account } : OPERATOR;
}

const HOST_ACCOUNT = /^[\w][\w.@-]{0,63}$/;

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
      return `${OPERATOR_PREFIX}${actor.account ?? ''}`;
  }
}

/** Whose scopes narrow what the user may; null for somebody who presented something else. */
export function accessTokenOf({ credential }: UserActor): AccessToken | null {
  return credential.kind === 'access_token' ? credential.token : null;
}

/** When what the actor presented stops to count; null for never. Nothing issued for it lives longer. */
export function credentialsExpireAt(actor: Actor): Date | null {
  switch (actor.kind) {
    case 'deploy-token':
      return actor.token.expiresAt;
    case 'user':
      return accessTokenOf(actor)?.expiresAt ?? null;
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
      return accessTokenOf(actor) === null ? 'This account' : 'This personal access token';
    case 'anonymous':
    case 'operator':
      return 'This request';
  }
}
