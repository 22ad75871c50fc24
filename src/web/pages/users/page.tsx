import { Secret } from '../../../credentials.js';
import { onlyOnce } from '../../../services/sessions.js';
import {
  createUser,
  EVERY_USER,
  findUser,
  pageOfUsers,
  setBlocked,
} from '../../../services/users.js';
import { adminFrame } from '../../admin-frame.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { BlockPage, NewUser, Users, USERS_ADDRESS } from './view.js';

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
  if (action !== 'block' && action !== 'unblock') {
    return await create(deps, visit, username);
  }
  const user = await findUser(deps, actor, username);
  const [state, notice] =
    action === 'block'
      ? (['blocked', 'user-blocked'] as const)
      : (['unblocked', 'user-unblocked'] as const);
  await setBlocked(deps, actor, user, state);
  return redirectSaying(visit, USERS_ADDRESS, notice, user.username);
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
        body: <NewUser user={user} password={password} />,
      });
}

/** The question before somebody is blocked; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit): Promise<Answer | null> {
  const username = fieldText(visit.query, 'block');
  if (username === '' || visit.method === 'POST') {
    return null;
  }
  const user = await findUser(deps, visit.actor, username);
  return adminFrame('users', {
    title: `Block ${user.username}?`,
    body: <BlockPage visit={visit} user={user} />,
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
