import type { JSX } from 'preact';
import type { AccessToken } from '../../../access/access-token.js';
import type { Page } from '../../../access/page.js';
import type { Session } from '../../../access/session.js';
import { clientName } from '../../deploy-token-parts.js';
import type { Errors } from '../../form-errors.js';
import { countText, Pages } from '../../paging.js';
import { Card, CardBody, CardFoot } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import type { SignedInVisit } from '../../visit.js';
import { PROFILE_ADDRESS, SESSIONS_AFTER, TOKENS_AFTER } from './address.js';
import { Tokens } from './tokens.js';

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
  return (
    <div class="col measure">
      <FormErrors
        errors={props.errors}
        notDone="Nothing was changed."
        fields={[
          ['name', 'token-name', 'the name'],
          ['expires_at', 'token-expires-at', 'the expiration date'],
          ['scopes', 'token-scopes-api', 'the scopes'],
          ['current_password', 'current-password', 'the current password'],
          ['password', 'new-password', 'the new password'],
          ['password_again', 'new-password-again', 'the repeated password'],
        ]}
      />
      <Tokens {...props} />
      <Sessions {...props} />
      <Password {...props} />
    </div>
  );
}

function Password({ visit, errors }: ProfileProps): JSX.Element {
  return (
    <Card id="password-title" title="Password">
      <CardBody>
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
      </CardBody>
    </Card>
  );
}

function Sessions({ visit, sessions, now }: ProfileProps): JSX.Element {
  return (
    <Card
      id="sessions-title"
      title={`Where you are signed in (${countText(sessions)})`}
      actions={
        <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} class="inline">
          <button type="submit" class="button danger sm" name="do" value="end-all-sessions">
            Sign out everywhere
          </button>
        </PostForm>
      }
    >
      <Rows>
        {sessions.items.map((session) => (
          <Row
            key={session.id}
            icon="monitor"
            title={
              <>
                <bdi title={session.client}>{browserName(session.client)}</bdi>{' '}
                {session.id === visit.session.id && (
                  <Chip kind="good" icon="circle-check">
                    this one
                  </Chip>
                )}
              </>
            }
            meta={
              <>
                <bdi>{session.address}</bdi> · last seen{' '}
                <Ago instant={session.lastSeenAt} now={now} />
              </>
            }
            end={
              session.id !== visit.session.id && (
                <PostForm action={PROFILE_ADDRESS} csrf={visit.csrf} class="inline">
                  <input type="hidden" name="id" value={String(session.id)} />
                  <button type="submit" class="button sm" name="do" value="end-session">
                    Sign out<span class="visually-hidden"> session {session.id}</span>
                  </button>
                </PostForm>
              )
            }
          />
        ))}
      </Rows>
      <CardFoot>
        <Pages
          visit={visit}
          of="sessions"
          next={sessions.next}
          field={SESSIONS_AFTER}
          keeps={[TOKENS_AFTER]}
          anchor="sessions-title"
        />
      </CardFoot>
    </Card>
  );
}

/** The names that browsers give themselves, in the order in which the first one is the true one. */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bFirefox\/(\d+)/, 'Firefox'],
  [/\b(?:Headless)?Chrome\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+).*Safari\//, 'Safari'],
] as const;
const SYSTEMS = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const;

/** `Firefox 140 on Linux`; what else it says of itself is in the title. */
export function browserName(userAgent: string): string {
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  for (const [pattern, name] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) {
      return `${name} ${version}${system === undefined ? '' : ` on ${system}`}`;
    }
  }
  return clientName(userAgent);
}
