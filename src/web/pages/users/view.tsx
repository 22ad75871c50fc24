import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { User } from '../../../access/user.js';
import type { Secret } from '../../../credentials.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { countText, Pages } from '../../paging.js';
import { AskFirst } from '../../parts/ask.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Checkbox } from '../../parts/choices.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import { Notice } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Once } from '../../parts/take-along.js';
import { Ago } from '../../parts/time.js';
import type { SignedInVisit } from '../../visit.js';
import { askAddress, Question } from './questions.js';

export const USERS_ADDRESS = ADDRESSES.users.path;

export interface UsersProps {
  readonly visit: SignedInVisit;
  readonly users: Page<User>;
  readonly errors: Errors;
  readonly nonce: string;
  readonly now: Date;
}

export function Users(props: UsersProps): JSX.Element {
  const { visit, users, now } = props;
  return (
    <WithRail rail={<NewUserForm {...props} />}>
      <Card
        id="users"
        title={`All users (${countText(users)})`}
        actions={
          <a class="button primary" href={ADDRESSES.invitations.path}>
            Invite people
          </a>
        }
      >
        <Rows>
          {users.items.map((user) => (
            <UserRow key={user.id} visit={visit} user={user} now={now} />
          ))}
        </Rows>
        <CardFoot>
          <Pages visit={visit} of="users" next={users.next} />
        </CardFoot>
      </Card>
    </WithRail>
  );
}

interface UserProps {
  readonly visit: SignedInVisit;
  readonly user: User;
}

function UserRow(props: UserProps & { readonly now: Date }): JSX.Element {
  const { visit, user, now } = props;
  return (
    <Row
      icon="user"
      title={
        <>
          <span>{user.username}</span>{' '}
          {user.isAdmin && <Chip icon="shield-alert">administrator</Chip>}
          {user.blockedAt !== null && (
            <Chip kind="bad" icon="circle-x">
              blocked
            </Chip>
          )}
        </>
      }
      meta={
        <>
          <bdi>{user.displayName}</bdi> · since <Ago instant={user.createdAt} now={now} />
        </>
      }
      end={<UserActions visit={visit} user={user} />}
    />
  );
}

/** Each asks first, on a page of its own; blocking is a dialog too, where there is a script. */
function UserActions({ visit, user }: UserProps): JSX.Element {
  if (user.id === visit.actor.user.id) {
    return <span class="muted">you</span>;
  }
  return (
    <div class="actions">
      <a class="button sm" href={askAddress(user.isAdmin ? 'demote' : 'promote', user)}>
        {user.isAdmin ? 'Demote…' : 'Promote…'}
        <span class="visually-hidden"> {user.username}</span>
      </a>
      <a class="button sm" href={askAddress('password', user)}>
        New password…<span class="visually-hidden"> for {user.username}</span>
      </a>
      {user.blockedAt === null ? (
        <AskFirst
          id={`block-${user.id}`}
          href={askAddress('block', user)}
          label={
            <>
              Block…<span class="visually-hidden"> {user.username}</span>
            </>
          }
          question={(id) => (
            <Question visit={visit} user={user} action="block" id={id} keepIt="closes-dialog" />
          )}
        />
      ) : (
        <PostForm action={USERS_ADDRESS} csrf={visit.csrf} class="inline">
          <input type="hidden" name="username" value={user.username} />
          <button type="submit" class="button sm" name="do" value="unblock">
            Unblock<span class="visually-hidden"> {user.username}</span>
          </button>
        </PostForm>
      )}
      <a class="button danger sm" href={askAddress('remove', user)}>
        Remove…<span class="visually-hidden"> {user.username}</span>
      </a>
    </div>
  );
}

function NewUserForm({ visit, errors, nonce }: UsersProps): JSX.Element {
  const { form } = visit;
  return (
    <Card id="new-user" title="New user" note="Pullgate makes a password and shows it to you once.">
      <CardBody>
        <FormErrors
          errors={errors}
          notDone="Nothing was done."
          fields={[
            ['username', 'username', 'the username'],
            ['display_name', 'display-name', 'the name'],
          ]}
        />
        <PostForm action={USERS_ADDRESS} csrf={visit.csrf} nonce={nonce}>
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
          <Checkbox
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
      </CardBody>
    </Card>
  );
}

export function NewPassword(props: {
  readonly user: User;
  readonly password: Secret;
}): JSX.Element {
  const { user, password } = props;
  return (
    <div class="col measure">
      <Card id="new" title={`${user.username} can sign in`} kind="secret">
        <Notice kind="warn" standing>
          <strong>Hand this password over now.</strong> This page shows it once. It can be changed
          after signing in.
        </Notice>
        <CardBody>
          <Once id="new-username" label="Username" value={user.username} />
          <Once id="new-password" label="Password" value={password.reveal()} isPrimary />
        </CardBody>
      </Card>
      <div class="actions">
        <a class="button primary" href={USERS_ADDRESS}>
          Done, I saved the password
        </a>
      </div>
    </div>
  );
}
