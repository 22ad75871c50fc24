import { AppError } from '../../../access/errors.js';
import type { User } from '../../../access/user.js';
import { Secret } from '../../../credentials.js';
import { accountEnd, removeUser } from '../../../services/account-end.js';
import { onlyOnce } from '../../../services/sessions.js';
import {
  createUser,
  EVERY_USER,
  findUser,
  pageOfUsers,
  setAdministrator,
  setBlocked,
  setPassword,
} from '../../../services/users.js';
import { adminFrame } from '../../admin-frame.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { ACTIONS, QuestionPage, titleOf } from './questions.js';
import { NewPassword, Users, USERS_ADDRESS } from './view.js';

export async function usersPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit),
    async (errors) => (await ask(deps, visit)) ?? (await show(deps, visit, errors)),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { form, actor } = visit;
  const username = fieldText(form, 'username').trim();
  const action = fieldText(form, 'do');
  switch (action) {
    case 'block':
    case 'unblock': {
      const user = await findUser(deps, actor, username);
      await setBlocked(deps, actor, user, `${action}ed`);
      return redirectSaying(visit, USERS_ADDRESS, `user-${action}ed`, user.username);
    }
    case 'promote':
    case 'demote': {
      const user = await findUser(deps, actor, username);
      await setAdministrator(deps, actor, user, action === 'promote');
      return redirectSaying(visit, USERS_ADDRESS, `user-${action}d`, user.username);
    }
    case 'remove': {
      const user = await findUser(deps, actor, username);
      await removeUser(deps, actor, user);
      return redirectSaying(visit, USERS_ADDRESS, 'user-removed', user.username);
    }
    case 'password':
      return await giveNewPassword(deps, visit, await findUser(deps, actor, username));
    default:
      return await create(deps, visit, username);
  }
}

/** Generated, and shown once: whoever knew the old one is out. */
async function giveNewPassword(deps: WebDeps, visit: SignedInVisit, user: User): Promise<Answer> {
  const { actor, session, form } = visit;
  if (user.id === actor.user.id) {
    throw new AppError('conflict', 'Change your own password in your settings.');
  }
  const password = Secret.generate();
  const nonce = new Secret(fieldText(form, 'nonce'));
  const done = await onlyOnce(deps, session, nonce, async () => {
    await setPassword(deps, actor, user, password);
    return true;
  });
  return done === null
    ? redirectSaying(visit, USERS_ADDRESS, 'form-used')
    : adminFrame('users', {
        title: `Save the password of ${user.username}`,
        body: <NewPassword user={user} password={password} />,
      });
}

async function create(deps: WebDeps, visit: SignedInVisit, username: string): Promise<Answer> {
  const { form, actor, session } = visit;
  const password = Secret.generate();
  const user = await onlyOnce(
    deps,
    session,
    new Secret(fieldText(form, 'nonce')),
    async () =>
      await createUser(deps, actor, {
        username,
        displayName: fieldText(form, 'display_name').trim() || username,
        password,
        isAdmin: fieldText(form, 'admin') === 'yes',
      }),
  );
  return user === null
    ? redirectSaying(visit, USERS_ADDRESS, 'form-used')
    : adminFrame('users', {
        title: `Save the password of ${user.username}`,
        body: <NewPassword user={user} password={password} />,
      });
}

/** The question before something is done to an account; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit): Promise<Answer | null> {
  const asked = ACTIONS.find((action) => fieldText(visit.query, action) !== '');
  if (asked === undefined || visit.method === 'POST') {
    return null;
  }
  const user = await findUser(deps, visit.actor, fieldText(visit.query, asked));
  const nonce = Secret.generate().reveal();
  const end = asked === 'remove' ? await accountEnd(deps, visit.actor, user) : null;
  return adminFrame('users', {
    title: titleOf(asked, user),
    body: (
      <QuestionPage
        visit={visit}
        user={user}
        action={asked}
        nonce={nonce}
        {...(end !== null && { end })}
      />
    ),
  });
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const users = await pageOfUsers(deps, visit.actor, EVERY_USER, pageIn(visit.query));
  return adminFrame('users', {
    title: 'Users',
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <Users
        visit={visit}
        users={users}
        errors={errors}
        nonce={Secret.generate().reveal()}
        now={deps.now()}
      />
    ),
  });
}
