/** The page behind a link that makes an account: the first administrator's, and that of somebody invited. */

import type { ComponentChildren, JSX } from 'preact';
import { fieldText } from './fields.js';
import { hasErrors, type Errors } from './form-errors.js';
import { Field } from './parts/field.js';
import { PostForm } from './parts/form.js';
import { Mark } from './parts/icon.js';
import { Notice } from './parts/notice.js';
import { page, type PageAnswer, type Visit } from './visit.js';

export interface AccountForm {
  readonly title: string;
  readonly lead: ComponentChildren;
  /** Null where it is asked for. */
  readonly username: string | null;
  readonly asksName: boolean;
  readonly button: string;
}

export function accountPage(visit: Visit, form: AccountForm, errors: Errors): PageAnswer {
  return page(form.title, <Account visit={visit} form={form} errors={errors} />, {
    status: hasErrors(errors) ? 422 : 200,
    frame: 'gate',
  });
}

function Account(props: {
  readonly visit: Visit;
  readonly form: AccountForm;
  readonly errors: Errors;
}): JSX.Element {
  const { visit, form, errors } = props;
  return (
    <>
      <div class="gate-head">
        <Mark />
        <h1>{form.title}</h1>
        <p class="muted">{form.lead}</p>
      </div>
      <div class="card">
        <PostForm action={visit.path} csrf={visit.csrf}>
          {errors['form'] !== undefined && <Notice kind="bad">{errors['form']}</Notice>}
          {form.username === null ? (
            <Field
              id="username"
              name="username"
              label="Username"
              value={fieldText(visit.form, 'username')}
              error={errors['username']}
              autocomplete="username"
              maxlength={255}
              required
              autofocus
            />
          ) : (
            <GivenUsername username={form.username} error={errors['username']} />
          )}
          {form.asksName && (
            <Field
              id="display-name"
              name="display_name"
              label="Name"
              hint="As others read it. The username if left empty."
              value={fieldText(visit.form, 'display_name')}
              error={errors['display_name']}
              autocomplete="name"
              maxlength={255}
              autofocus={form.username !== null}
            />
          )}
          <Field
            id="password"
            name="password"
            label="Password"
            hint="At least 8 characters."
            type="password"
            error={errors['password']}
            autocomplete="new-password"
            required
          />
          <Field
            id="password-again"
            name="password_again"
            label="The same password again"
            type="password"
            error={errors['password_again']}
            autocomplete="new-password"
            required
          />
          <button type="submit" class="button primary wide">
            {form.button}
          </button>
        </PostForm>
      </div>
    </>
  );
}

/** A field that password managers read, and nobody changes. */
function GivenUsername(props: {
  readonly username: string;
  readonly error: string | undefined;
}): JSX.Element {
  const { username, error } = props;
  return (
    <div class="field">
      <label for="username">Username</label>
      <input
        id="username"
        type="text"
        value={username}
        autocomplete="username"
        readOnly
        aria-describedby={error === undefined ? undefined : 'username-error'}
      />
      {error !== undefined && (
        <p class="field-error" id="username-error">
          {error} Ask for a new invitation.
        </p>
      )}
    </div>
  );
}
