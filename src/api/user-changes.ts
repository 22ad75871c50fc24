/** `PUT /users/:id`: any of its fields, each by the use case that it belongs to. */

import type { Actor } from '../access/actor.js';
import type { UserDetails } from '../access/details.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import { setUserDetails } from '../services/details.js';
import { passwordProblem } from '../services/passwords.js';
import { problemsOf, requireNoProblems } from '../services/problems.js';
import { setAdministrator, setPassword } from '../services/users.js';
import type { ApiDeps } from './endpoint.js';
import { wrongField } from './errors.js';
import { userSettings } from './kept-settings.js';

export interface UserChanges {
  readonly username?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly note?: string | undefined;
  readonly password?: string | undefined;
  readonly reset_password?: boolean | undefined;
  readonly admin?: boolean | undefined;
}

export async function changeUser(
  deps: ApiDeps,
  actor: Actor,
  user: User,
  changes: UserChanges,
): Promise<User> {
  requirePossible(user, changes);
  const password = changes.password === undefined ? null : new Secret(changes.password);
  if (password !== null) {
    // Before anything is changed: a password is the last of it.
    requireNoProblems(problemsOf({ password: passwordProblem(password, deps.tokenPrefix) }));
  }
  const { name, admin } = changes;
  const details = { ...detailsIn(changes), ...(name !== undefined && { displayName: name }) };
  let changed = await setUserDetails(deps, actor, user, details);
  if (admin !== undefined && admin !== changed.isAdmin) {
    changed = await setAdministrator(deps, actor, changed, admin);
  }
  if (password !== null) {
    await setPassword(deps, actor, changed, password);
  }
  return changed;
}

/** What was not given is left out, and so stays as it is. */
export function detailsIn(given: {
  readonly email?: string | undefined;
  readonly note?: string | undefined;
}): Partial<UserDetails> {
  return {
    ...(given.email !== undefined && { email: given.email }),
    ...(given.note !== undefined && { note: given.note }),
    settings: userSettings.given({ ...given }),
  };
}

/** Clients send the username along that is there already. */
function requirePossible(user: User, { username, reset_password: reset }: UserChanges): void {
  if (username !== undefined && username.toLowerCase() !== user.username.toLowerCase()) {
    throw wrongField('username', 'cannot be changed: accounts are not renamed');
  }
  if (reset === true) {
    throw wrongField('reset_password', 'is not supported: Pullgate sends no mail');
  }
}
