import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { User } from '../../../access/user.js';
import { Secret } from '../../../credentials.js';
import { onlyOnce } from '../../../services/sessions.js';
import {
  createUser,
  EVERY_USER,
  findUser,
  pageOfUsers,
  setBlocked,
} from '../../../services/users.js';
import { ADDRESSES } from '../../addresses.js';
import { Alert, Badge, Cell, PostForm, Table, When } from '../../components.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { Field } from '../../form-field.js';
import { pageIn, Pages } from '../../paging.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';

const ADDRESS = ADDRESSES.users.path;

export async function usersPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit),
    async (errors) => await show(deps, visit, errors),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { form, actor } = visit;
  const username = fieldText(form, 'username').trim();
  const action = fieldText(form, 'do');
  if (action === 'block' || action === 'unblock') {
    const user = await findUser(deps, actor, username);
    await setBlocked(deps, actor, user, action === 'block' ? 'blocked' : 'unblocked');
    return redirect(ADDRESS, action === 'block' ? 'user-blocked' : 'user-unblocked');
  }
  return await create(deps, visit, username);
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
  if (user === null) {
    return redirect(ADDRESS, 'form-used');
  }
  return page('New user', <NewUser user={user} password={password} />);
}

function NewUser({
  user,
  password,
}: {
  readonly user: User;
  readonly password: Secret;
}): JSX.Element {
  return (
    <section class="card highlight medium" aria-labelledby="new">
      <h1 id="new">{user.username} can sign in</h1>
      <Alert kind="info">
        Hand this password over now: it is shown this once. It can be changed after signing in.
      </Alert>
      <Field type="once" id="new-username" label="Username" value={user.username} />
      <Field type="once" id="new-password" label="Password" value={password.reveal()} />
      <a class="button primary" href={ADDRESS}>
        I have saved it
      </a>
    </section>
  );
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const users = await pageOfUsers(deps, visit.actor, EVERY_USER, pageIn(visit.query));
  return page(
    'Users',
    <Users
      visit={visit}
      users={users}
      errors={errors}
      nonce={Secret.generate().reveal()}
      now={deps.now()}
    />,
    hasErrors(errors) ? 422 : 200,
  );
}

interface UsersProps {
  readonly visit: SignedInVisit;
  readonly users: Page<User>;
  readonly errors: Errors;
  readonly nonce: string;
  readonly now: Date;
}

function Users(props: UsersProps): JSX.Element {
  const { visit, users, now } = props;
  return (
    <>
      <h1>Users</h1>
      <NewUserForm {...props} />
      <section class="card" aria-labelledby="everybody">
        <h2 id="everybody">Everybody ({users.total})</h2>
        <Table caption="Users" columns={['Username', 'Name', 'State', 'Created', 'Actions']}>
          {users.items.map((user) => (
            <tr key={user.id}>
              <Cell of="Username" class="name">
                {user.username}
              </Cell>
              <Cell of="Name">
                <bdi>{user.displayName}</bdi>
              </Cell>
              <Cell of="State">
                <span class="badges">
                  {user.isAdmin && <Badge>administrator</Badge>}
                  {user.blockedAt === null ? (
                    <Badge>active</Badge>
                  ) : (
                    <Badge kind="bad">blocked</Badge>
                  )}
                </span>
              </Cell>
              <Cell of="Created">
                <When instant={user.createdAt} now={now} />
              </Cell>
              <Cell of="Actions" class="row-actions">
                <BlockButton visit={visit} user={user} />
              </Cell>
            </tr>
          ))}
        </Table>
        <Pages visit={visit} of="users" next={users.next} />
      </section>
    </>
  );
}

function BlockButton(props: { readonly visit: SignedInVisit; readonly user: User }): JSX.Element {
  const { visit, user } = props;
  if (user.id === visit.actor.user.id) {
    return <span class="muted">you</span>;
  }
  const isBlocked = user.blockedAt !== null;
  return (
    <PostForm action={ADDRESS} csrf={visit.csrf} class="inline">
      <input type="hidden" name="username" value={user.username} />
      <button
        type="submit"
        class={isBlocked ? 'button small' : 'button danger small'}
        name="do"
        value={isBlocked ? 'unblock' : 'block'}
      >
        {isBlocked ? 'Unblock' : 'Block'}
        <span class="visually-hidden"> {user.username}</span>
      </button>
    </PostForm>
  );
}

function NewUserForm({ visit, errors, nonce }: UsersProps): JSX.Element {
  const { form } = visit;
  return (
    <section class="card" aria-labelledby="new-user">
      <h2 id="new-user">New user</h2>
      <p class="hint">A password is made for them and shown to you once.</p>
      {errors['form'] !== undefined && <Alert kind="error">{errors['form']}</Alert>}
      <PostForm action={ADDRESS} csrf={visit.csrf} nonce={nonce}>
        <div class="pair">
          <Field
            id="username"
            name="username"
            label="Username"
            value={fieldText(form, 'username')}
            error={errors['username']}
            maxlength={255}
            required
          />
          <Field
            id="display-name"
            name="display_name"
            label="Name"
            value={fieldText(form, 'display_name')}
            error={errors['display_name']}
            maxlength={255}
          />
        </div>
        <Field
          type="checkbox"
          id="admin"
          name="admin"
          label="Administrator"
          hint="Manages users and sees every project."
          value="yes"
          checked={fieldText(form, 'admin') === 'yes'}
        />
        <button type="submit" class="button primary" name="do" value="create">
          Create user
        </button>
      </PostForm>
    </section>
  );
}
