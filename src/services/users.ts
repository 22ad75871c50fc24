import type { Actor, UserActor } from '../access/actor.js';
import { AppError, type Problems } from '../access/errors.js';
import type { Invitation } from '../access/invitation.js';
import type { Page, PageRequest } from '../access/page.js';
import { isUsername, type User } from '../access/user.js';
import type { UserDetails } from '../access/details.js';
import type { Secret } from '../credentials.js';
import type { Store, Stores } from '../store/open-store.js';
import type { NewUser, UserFilter } from '../store/user-store.js';
import { keepUserDetails, userDetailProblems } from './details.js';
import { makePersonalNamespace } from './namespaces.js';
import { labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { checkPassword, type AuthenticateDeps } from './authenticate.js';
import { passwordProblem, type Passwords } from './passwords.js';
import {
  requireAccount,
  requireAdministrator,
  requireOversight,
  userIdOf,
} from './requirements.js';
import { goingFirst, writeAs, type WritingDeps } from './writing.js';

export interface UserDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly tokenPrefix: string;
  readonly passwords: Passwords;
}

export interface UserInput {
  readonly username: string;
  readonly displayName: string;
  readonly password: Secret;
  readonly isAdmin: boolean;
  readonly details?: Partial<UserDetails>;
}

/** Everything that is wrong with the input. */
export function userProblems(
  { username, displayName, password, details = {} }: Omit<UserInput, 'isAdmin'>,
  tokenPrefix: string,
): Problems {
  return {
    ...problemsOf({
      username: usernameProblem(username),
      display_name: labelProblem('display name', displayName),
      password: passwordProblem(password, tokenPrefix),
    }),
    ...userDetailProblems(details),
  };
}

export function usernameProblem(username: string): string | null {
  return isUsername(username)
    ? null
    : 'A username starts with a letter or digit and goes on with letters, digits, dots, dashes or underscores.';
}

/** `before` runs in the same transaction, first; what it throws stops the creation. */
export async function createUser(
  deps: UserDeps,
  actor: Actor,
  input: UserInput,
  before?: (stores: Stores) => Promise<void>,
): Promise<User> {
  requireAdministrator(actor);
  requireNoProblems(userProblems(input, deps.tokenPrefix));
  const { username, isAdmin } = input;
  const displayName = input.displayName.trim();
  const passwordHash = await deps.passwords.hash(input.password, deps.tokenPrefix);
  return await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
    requireAdministrator(present);
    await before?.(stores);
    const account = { username, displayName, passwordHash, isAdmin };
    const user = await addAccount(stores, account, at);
    await keepUserDetails(stores, user, input.details ?? {});
    const detail = isAdmin ? 'administrator' : '';
    await record({ action: 'user_created', subject: { id: user.id, name: username }, detail });
    return user;
  });
}

/** With its personal namespace. `by` is the invitation that it is made with, which may have reserved the username. */
export async function addAccount(
  stores: Stores,
  account: Omit<NewUser, 'createdAt'>,
  at: Date,
  by: Invitation | null = null,
): Promise<User> {
  await requireFreeUsername(stores, account.username, at, by);
  const user = await stores.users.add({ ...account, createdAt: at });
  await makePersonalNamespace(stores, user, at);
  return user;
}

/**
 * It must not be taken for a namespace of others, for images that lie there, or for a deploy token, nor be
 * somebody's who is invited.
 */
export async function requireFreeUsername(
  stores: Stores,
  username: string,
  now: Date,
  by: Invitation | null = null,
): Promise<void> {
  const { users, namespaces, projects, deployTokens, registryInventory, invitations } = stores;
  const invitation = await invitations.findOpenFor(username, now);
  const isTaken =
    (invitation !== null && invitation.id !== by?.id) ||
    (await users.findOnRecord(username)) !== null ||
    (await namespaces.findByPath(username)) !== null ||
    (await projects.findPrefixInTheWay(username)) !== null ||
    (await deployTokens.findUsernameElsewhere(username, null, now)) !== null;
  if (isTaken) {
    throw new AppError('conflict', `The username ${username} is taken.`, { field: 'username' });
  }
  if (await registryInventory.holds(username)) {
    throw new AppError(
      'conflict',
      `The username ${username} is taken: the registry holds images of that name.`,
      { field: 'username' },
    );
  }
}

/** Oldest first. */
export const EVERY_USER: UserFilter = {
  username: null,
  text: '',
  state: null,
  onlyAdministrators: false,
  direction: 'ASC',
};

export async function pageOfUsers(
  { store }: Pick<UserDeps, 'store'>,
  actor: Actor,
  filter: UserFilter,
  page: PageRequest,
): Promise<Page<User>> {
  requireOversight(actor);
  return await store.users.page(filter, page);
}

/** That there is an account of exactly this username is nobody's secret. Null for none. */
export async function findByExactName(
  { store }: Pick<UserDeps, 'store'>,
  username: string,
): Promise<User | null> {
  return await store.users.findByUsername(username);
}

/** By username or id; everybody finds their own number. */
export async function findUser(
  { store }: Pick<UserDeps, 'store'>,
  actor: Actor,
  key: string | number,
): Promise<User> {
  if (userIdOf(actor) !== key) {
    requireOversight(actor);
  }
  const { users } = store;
  const user =
    typeof key === 'number' ? await users.findById(key) : await users.findByUsername(key);
  return user ?? noUser(key);
}

/** A blocked user's sessions end, and so do open invitations; password and personal access tokens are refused from the next request on. */
export async function setBlocked(
  deps: WritingDeps,
  actor: Actor,
  user: User,
  blocked: 'blocked' | 'unblocked',
): Promise<User> {
  requireAdministrator(actor);
  if (blocked === 'blocked' && userIdOf(actor) === user.id) {
    throw new AppError('conflict', 'You cannot block yourself.');
  }
  return await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    requireAdministrator(present);
    const before = await requireThere(stores, user);
    const blockedAt = blocked === 'blocked' ? (before.blockedAt ?? at) : null;
    await stores.users.setBlockedAt(user.id, blockedAt);
    await stores.sessions.removeOfUser(user.id, 'all');
    if (blocked === 'blocked') {
      await stores.invitations.revokeOf(user.id, at);
    }
    const subject = { id: user.id, name: user.username };
    await record({ action: `user_${blocked}`, subject });
    return { ...before, blockedAt };
  });
}

/** Whoever is no administrator any more has no open invitations. Nobody demotes themselves or the last one who can sign in, which would leave nobody to undo it. */
export async function setAdministrator(
  deps: WritingDeps,
  actor: Actor,
  user: User,
  isAdmin: boolean,
): Promise<User> {
  requireAdministrator(actor);
  if (!isAdmin && userIdOf(actor) === user.id) {
    throw new AppError('conflict', 'You cannot take away your own rights as an administrator.');
  }
  const inTurn = isAdmin ? deps : goingFirst(deps);
  return await writeAs(inTurn, actor, async ({ stores, actor: present, at, record }) => {
    const { users, invitations } = stores;
    requireAdministrator(present);
    const before = await requireThere(stores, user);
    if (before.isAdmin === isAdmin) {
      return before;
    }
    if (!isAdmin) {
      await requireOtherAdministrator(stores, user);
    }
    await users.setAdmin(user.id, isAdmin);
    if (!isAdmin) {
      await invitations.revokeOf(user.id, at);
    }
    const subject = { id: user.id, name: user.username };
    await record({ action: isAdmin ? 'user_promoted' : 'user_demoted', subject });
    return { ...before, isAdmin };
  });
}

export async function requireOtherAdministrator(
  { users }: Pick<Stores, 'users'>,
  { id, username }: User,
): Promise<void> {
  if (!(await users.hasOtherAdministrator(id))) {
    throw new AppError(
      'conflict',
      `${username} is the only administrator who is not blocked: make another one first.`,
    );
  }
}

/** As of this moment: the account may have been removed since it was looked up. */
export async function requireThere(
  { users }: Pick<Stores, 'users'>,
  { id, username }: Pick<User, 'id' | 'username'>,
): Promise<User> {
  return (await users.findById(id)) ?? noUser(username);
}

export function noUser(key: string | number): never {
  throw new AppError('not_found', `There is no user ${key}.`, { field: 'username' });
}

/** Ends every session of the user: whoever knew the old password is out. */
export async function setPassword(
  deps: UserDeps,
  actor: Actor,
  user: User,
  password: Secret,
): Promise<void> {
  requireAdministrator(actor);
  await replacePassword(deps, actor, user, { password, keepSession: null });
}

/** Asks for the password in use, and ends every other session than the one it is changed in. */
export async function changeOwnPassword(
  deps: UserDeps & Pick<AuthenticateDeps, 'limits'>,
  actor: UserActor,
  input: { readonly current: Secret; readonly password: Secret; readonly keepSession: number },
): Promise<void> {
  requireAccount(actor, actor.user.id);
  const credentials = { username: actor.user.username, secret: input.current };
  const checked = await checkPassword(deps, credentials, actor.origin);
  if (!checked.accepted) {
    throw checked.refusal === 'rate_limited'
      ? new AppError('rate_limited', 'Too many attempts. Wait some minutes, and try again.')
      : new AppError('invalid_input', 'This is not your current password.', {
          field: 'current_password',
        });
  }
  await replacePassword(deps, actor, actor.user, input);
}

async function replacePassword(
  deps: UserDeps,
  actor: Actor,
  { id, username }: User,
  { password, keepSession }: { readonly password: Secret; readonly keepSession: number | null },
): Promise<void> {
  const passwordHash = await deps.passwords.hash(password, deps.tokenPrefix);
  await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, record }) => {
    const { users, sessions } = stores;
    requireAccount(present, id);
    await requireThere(stores, { id, username });
    await users.setPasswordHash(id, passwordHash);
    await sessions.removeOfUser(id, keepSession === null ? 'all' : { except: keepSession });
    await record({ action: 'user_password_changed', subject: { id, name: username } });
  });
}

/** Names for the record of who did what. */
export async function usernamesOf(
  { store }: Pick<UserDeps, 'store'>,
  ids: readonly (number | null)[],
): Promise<ReadonlyMap<number, string>> {
  const wanted = new Set(ids.filter((id) => id !== null));
  const users = await store.users.findByIds([...wanted]);
  return new Map(users.map(({ id, username }) => [id, username]));
}
