import type { JSX } from 'preact';
import type { AccessToken } from '../../../access/access-token.js';
import type { Page } from '../../../access/page.js';
import type { Session } from '../../../access/session.js';
import type { Errors } from '../../form-errors.js';
import { Card, CardBody } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { FormErrors, PostForm } from '../../parts/form.js';
import type { SignedInVisit } from '../../visit.js';
import { PROFILE_ADDRESS } from './address.js';
import { Sessions } from './sessions.js';
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
        <p>A new password signs your other sessions out. Personal access tokens go on working.</p>
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
