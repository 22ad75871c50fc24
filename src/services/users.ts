import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { isUsername, type User } from '../access/user.js';
import type { Secret } from '../credentials.js';
import type { Store } from '../store/open-store.js';
import { hashPassword } from './passwords.js';
import { requireAdministrator, requireLabel } from './requirements.js';

export interface UserDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly tokenPrefix: string;
}

export interface UserInput {
  readonly username: string;
  readonly displayName: string;
  readonly password: Secret;
  readonly isAdmin: boolean;
}

export async function createUser(
  { store, now, tokenPrefix }: UserDeps,
  actor: Actor,
  input: UserInput,
): Promise<User> {
  requireAdministrator(actor);
  const { username, isAdmin } = input;
  if (!isUsername(username)) {
    throw new AppError(
      'invalid_input',
      'A username starts with a letter or digit and goes on with letters, digits, dots, dashes or underscores.',
    );
  }
  const displayName = requireLabel('display name', input.displayName);
  const passwordHash = await hashPassword(input.password, tokenPrefix);
  return await store.write(async ({ users }) => {
    if ((await users.findByUsername(username)) !== null) {
      throw new AppError('conflict', `The username ${username} is taken.`);
    }
    return await users.add({ username, displayName, passwordHash, isAdmin, createdAt: now() });
  });
}

export async function listUsers({ store }: UserDeps, actor: Actor): Promise<User[]> {
  requireAdministrator(actor);
  return await store.users.list();
}

export async function findUser(
  { store }: Pick<UserDeps, 'store'>,
  actor: Actor,
  username: string,
): Promise<User> {
  requireAdministrator(actor);
  const user = await store.users.findByUsername(username);
  if (user === null) {
    throw new AppError('not_found', `There is no user ${username}.`);
  }
  return user;
}

/** A blocked user's password and personal access tokens are refused from the next request on. */
export async function setBlocked(
  { store, now }: UserDeps,
  actor: Actor,
  user: User,
  blocked: 'blocked' | 'unblocked',
): Promise<User> {
  requireAdministrator(actor);
  const blockedAt = blocked === 'blocked' ? (user.blockedAt ?? now()) : null;
  await store.write(async ({ users }) => {
    await users.setBlockedAt(user.id, blockedAt);
  });
  return { ...user, blockedAt };
}

export async function setPassword(
  { store, tokenPrefix }: UserDeps,
  actor: Actor,
  user: User,
  password: Secret,
): Promise<void> {
  requireAdministrator(actor);
  const passwordHash = await hashPassword(password, tokenPrefix);
  await store.write(async ({ users }) => {
    await users.setPasswordHash(user.id, passwordHash);
  });
}
