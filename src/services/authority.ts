/** Whether an actor still is who it was: a request may take long, and everything may be revoked meanwhile. */

import { isAccessTokenActive } from '../access/access-token.js';
import type { Actor, UserActor } from '../access/actor.js';
import { deployTokenStatus } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import type { Stores } from '../store/open-store.js';
import { passwordVersion } from './passwords.js';

/** What it takes to ask; inside a transaction, those of the transaction. */
export type AuthorityStores = Pick<
  Stores,
  'users' | 'members' | 'deployTokens' | 'accessTokens' | 'sessions'
>;

/**
 * The actor with the user, the roles and the credential of this moment. Throws `invalid_credentials`
 * when its credential or its user was revoked, ended or blocked.
 */
export async function presentActor(
  stores: AuthorityStores,
  actor: Actor,
  now: Date,
): Promise<Actor> {
  switch (actor.kind) {
    case 'anonymous':
    case 'operator':
      return actor;
    case 'deploy-token': {
      const token = await stores.deployTokens.findById(actor.token.id);
      if (token === null || deployTokenStatus(token, now) !== 'active') {
        throw ended();
      }
      return { ...actor, token };
    }
    case 'user':
      return await presentUser(stores, actor, now);
  }
}

async function presentUser(
  stores: AuthorityStores,
  actor: UserActor,
  now: Date,
): Promise<UserActor> {
  const user = await stores.users.findById(actor.user.id);
  if (user === null || user.blockedAt !== null || !(await holds(stores, actor, now))) {
    throw ended();
  }
  return { ...actor, user, roles: await stores.members.rolesOf(user.id) };
}

async function holds(
  { accessTokens, sessions, users }: AuthorityStores,
  { user, credential }: UserActor,
  now: Date,
): Promise<boolean> {
  switch (credential.kind) {
    case 'access_token': {
      const token = await accessTokens.findById(credential.token.id);
      return token !== null && isAccessTokenActive(token, now);
    }
    case 'session': {
      const session = await sessions.findById(credential.session.id);
      return session !== null && now < session.expiresAt;
    }
    case 'password': {
      const passwordHash = await users.findPasswordHash(user.username);
      return passwordHash !== null && passwordVersion(passwordHash) === credential.version;
    }
  }
}

function ended(): AppError {
  return new AppError(
    'invalid_credentials',
    'Your access ended while this request was under way: nothing was changed.',
  );
}
