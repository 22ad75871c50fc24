import type { JSX } from 'preact';
import {
  ACCESS_TOKEN_SCOPES,
  type AccessToken,
  type AccessTokenScope,
} from '../../../access/access-token.js';
import type { Page } from '../../../access/page.js';
import type { Session } from '../../../access/session.js';
import type { Secret } from '../../../credentials.js';
import { ADDRESSES } from '../../addresses.js';
import { Alert, Badge, Cell, Empty, Expiry, PostForm, Table, When } from '../../components.js';
import { fieldText, fieldTexts } from '../../fields.js';
import { Choices, Field } from '../../form-field.js';
import type { Errors } from '../../form-errors.js';
import { Pages } from '../../paging.js';
import type { SignedInVisit } from '../../visit.js';

export const PROFILE_ADDRESS = ADDRESSES.profile.path;
/** Two lists on one page: each leaves the other where it is. */
export const TOKENS_AFTER = 'tokens_after';
export const SESSIONS_AFTER = 'sessions_after';

const SCOPE_HINTS: Readonly<Record<AccessTokenScope, string>> = {
  api: 'Everything that you may do, through the API.',
  read_api: 'Read through the API.',
  read_registry: 'Pull images.',
  write_registry: 'Push images; a push needs read_registry too.',
  read_repository: 'Clone and fetch.',
  write_repository: 'Clone, fetch and push.',
};

export interface ProfileProps {
  readonly visit: SignedInVisit;
  readonly errors: Errors;
  /** Those that are active. */
  readonly tokens: Page<AccessToken>;
  readonly sessions: Page<Session>;
  readonly nonce: string;
  readonly now: Date;
}

export function Profile(props: ProfileProps): JSX.Element {
  const { user } = props.visit.actor;
  return (
    <>
      <h1>
        <bdi>{user.displayName}</bdi>
      </h1>
      <p class="lead">
        Signed in as <code>{user.username}</code>
        {user.isAdmin && ', administrator'}.
      </p>
      {props.errors['form'] !== undefined && <Alert kind="error">{props.errors['form']}</Alert>}
      <Tokens {...props} />
      <Password {...props} />
      <Sessions {...props} />
    </>
  );
}

function Password({ visit, errors }: ProfileProps): JSX.Element {
  return (
    <section class="card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf}>
        <Field
          id="current-password"
          name="current_password"
          label="Current password"
          type="password"
          autocomplete="current-password"
          error={errors['current_password']}
          required
        />
        <div class="pair">
          <Field
            id="new-password"
            name="password"
            label="New password"
            hint="At least 8 characters."
            type="password"
            autocomplete="new-password"
            error={errors['password']}
            required
          />
          <Field
            id="new-password-again"
            name="password_again"
            label="New password again"
            hint="The same once more."
            type="password"
            autocomplete="new-password"
            error={errors['password_again']}
            required
          />
        </div>
        <button type="submit" class="button primary" name="do" value="password">
          Change password
        </button>
      </PostForm>
    </section>
  );
}

function Tokens(props: ProfileProps): JSX.Element {
  const { visit, tokens, now } = props;
  return (
    <section class="card" aria-labelledby="tokens-title">
      <h2 id="tokens-title">Personal access tokens ({tokens.total})</h2>
      <p class="hint">
        They stand for you at the registry, git and the API, with your username and the token as the
        password.
      </p>
      {tokens.total === 0 ? (
        <Empty title="No personal access tokens">
          <p>Make one below to push images or code. Machines that only read get a deploy token.</p>
        </Empty>
      ) : (
        <Table
          caption="Personal access tokens"
          columns={['Name', 'Scopes', 'Created', 'Expires', 'Actions']}
        >
          {tokens.items.map((token) => (
            <TokenRow key={token.id} token={token} csrf={visit.csrf} now={now} />
          ))}
        </Table>
      )}
      <Pages
        visit={visit}
        of="personal access tokens"
        next={tokens.next}
        field={TOKENS_AFTER}
        keeps={[SESSIONS_AFTER]}
        anchor="tokens-title"
      />
      <NewTokenForm {...props} />
    </section>
  );
}

function TokenRow(props: {
  readonly token: AccessToken;
  readonly csrf: string;
  readonly now: Date;
}): JSX.Element {
  const { token, now } = props;
  return (
    <tr>
      <Cell of="Name" class="name">
        <bdi>{token.name}</bdi>
      </Cell>
      <Cell of="Scopes">
        <span class="badges">
          {token.scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      </Cell>
      <Cell of="Created">
        <When instant={token.createdAt} now={now} />
      </Cell>
      <Cell of="Expires">
        <Expiry expiresAt={token.expiresAt} now={now} />
      </Cell>
      <Cell of="Actions" class="row-actions">
        <PostForm action={PROFILE_ADDRESS} csrf={props.csrf} class="inline">
          <input type="hidden" name="id" value={String(token.id)} />
          <button type="submit" class="button danger small" name="do" value="revoke-token">
            Revoke<span class="visually-hidden"> {token.name}</span>
          </button>
        </PostForm>
      </Cell>
    </tr>
  );
}

function NewTokenForm({ visit, errors, nonce }: ProfileProps): JSX.Element {
  const { form } = visit;
  const isOpen = ['name', 'scopes', 'expires_at'].some(
    (name) => errors[name] !== undefined || form.has(name),
  );
  return (
    <details class="sub-section" open={isOpen}>
      <summary>New personal access token</summary>
      <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} nonce={nonce}>
        <div class="pair">
          <Field
            id="token-name"
            name="name"
            label="Name"
            hint="Where it is used, such as “laptop”."
            value={fieldText(form, 'name')}
            error={errors['name']}
            maxlength={255}
            required
          />
          <Field
            id="token-expires-at"
            name="expires_at"
            label="Expiration date"
            hint="It stops at 00:00 UTC of that day."
            type="date"
            value={fieldText(form, 'expires_at')}
            error={errors['expires_at']}
          />
        </div>
        <Choices
          id="token-scopes"
          name="scopes"
          legend="Scopes (select at least one)"
          type="checkbox"
          choices={ACCESS_TOKEN_SCOPES.map((value) => ({
            value,
            label: value,
            hint: SCOPE_HINTS[value],
          }))}
          chosen={fieldTexts(form, 'scopes')}
          error={errors['scopes']}
        />
        <button type="submit" class="button primary" name="do" value="create-token">
          Create personal access token
        </button>
      </PostForm>
    </details>
  );
}

function Sessions({ visit, sessions, now }: ProfileProps): JSX.Element {
  return (
    <section class="card" aria-labelledby="sessions-title">
      <div class="title-row">
        <h2 id="sessions-title">Where you are signed in ({sessions.total})</h2>
        <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} class="inline">
          <button type="submit" class="button danger small" name="do" value="end-all-sessions">
            Sign out everywhere
          </button>
        </PostForm>
      </div>
      <Table caption="Sessions" columns={['Browser', 'Address', 'Last seen', 'Actions']}>
        {sessions.items.map((session) => (
          <tr key={session.id}>
            <Cell of="Browser" class="client">
              {session.client || 'unknown'}
            </Cell>
            <Cell of="Address">{session.address}</Cell>
            <Cell of="Last seen">
              <When instant={session.lastSeenAt} now={now} />
            </Cell>
            <Cell of="Actions" class="row-actions">
              {session.id === visit.session.id ? (
                <Badge>this one</Badge>
              ) : (
                <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} class="inline">
                  <input type="hidden" name="id" value={String(session.id)} />
                  <button type="submit" class="button small" name="do" value="end-session">
                    Sign out<span class="visually-hidden"> session {session.id}</span>
                  </button>
                </PostForm>
              )}
            </Cell>
          </tr>
        ))}
      </Table>
      <Pages
        visit={visit}
        of="sessions"
        next={sessions.next}
        field={SESSIONS_AFTER}
        keeps={[TOKENS_AFTER]}
        anchor="sessions-title"
      />
    </section>
  );
}

export function NewAccessToken(props: {
  readonly token: AccessToken;
  readonly secret: Secret;
}): JSX.Element {
  return (
    <section class="card highlight medium" aria-labelledby="new">
      <h1 id="new">Your new personal access token</h1>
      <p>
        <bdi>{props.token.name}</bdi>, for {props.token.scopes.join(', ')}.
      </p>
      <Alert kind="info">
        Save it now. It is shown this once: leaving or reloading this page loses it.
      </Alert>
      <Field
        type="once"
        id="access-token"
        label="Personal access token"
        value={props.secret.reveal()}
      />
      <a class="button primary" href={PROFILE_ADDRESS}>
        I have saved it
      </a>
    </section>
  );
}
