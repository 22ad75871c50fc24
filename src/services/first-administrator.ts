/** A fresh instance has no default password: whoever reads the log gets a link that works once. */

import { AppError } from '../access/errors.js';
import type { Origin } from '../access/actor.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import { createUser, type UserDeps } from './users.js';

export const SETUP_LINK_HOURS = 24;

/** The secret of a new link; null when there is an administrator. Links of other replicas stay good. */
export async function prepareSetup({
  store,
  now,
}: Pick<UserDeps, 'store' | 'now'>): Promise<Secret | null> {
  if (await store.users.hasAdministrator()) {
    return null;
  }
  const secret = Secret.generate();
  await store.write(async ({ setupLinks }) => {
    await setupLinks.add({
      secretDigest: secret.digest(),
      expiresAt: new Date(now().getTime() + SETUP_LINK_HOURS * 60 * 60 * 1000),
    });
  });
  return secret;
}

export async function isSetupLink(
  { store, now }: Pick<UserDeps, 'store' | 'now'>,
  secret: Secret,
): Promise<boolean> {
  return (
    (await store.setupLinks.isAlive(secret.digest(), now())) &&
    !(await store.users.hasAdministrator())
  );
}

/** Holding the link counts as being the operator, once: it ends with the first administrator. */
export async function createFirstAdministrator(
  deps: UserDeps,
  link: Secret,
  input: { readonly username: string; readonly password: Secret; readonly origin: Origin },
): Promise<User> {
  if (!(await isSetupLink(deps, link))) {
    throw new AppError('not_found', 'This link was used already or has expired.');
  }
  const { username, password, origin } = input;
  const user = await createUser(
    deps,
    { kind: 'operator', origin },
    { username, displayName: username, password, isAdmin: true },
    async ({ users, setupLinks }) => {
      // Asked again inside the transaction: of two who hold the link, one is first.
      if (await users.hasAdministrator()) {
        throw new AppError('not_found', 'This link was used already or has expired.');
      }
      await setupLinks.removeAll();
    },
  );
  return user;
}
