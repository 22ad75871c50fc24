import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import { Secret } from '../../../credentials.js';
import { createFirstAdministrator, isSetupLink } from '../../../services/first-administrator.js';
import { problemsOf, requireNoProblems } from '../../../services/problems.js';
import { userProblems } from '../../../services/users.js';
import { ADDRESSES, type Address } from '../../addresses.js';
import { fieldText, type Fields } from '../../fields.js';
import { fieldErrors, repeatProblem, type Errors } from '../../form-errors.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Mark } from '../../parts/icon.js';
import { page, redirectSaying, type Answer, type Visit, type WebDeps } from '../../visit.js';

/** The page behind the one-time link of a fresh instance. */
export async function setupPage(
  deps: WebDeps,
  visit: Visit,
  { link }: Pick<Address, 'link'>,
): Promise<Answer> {
  const secret = new Secret(link ?? '');
  if (!(await isSetupLink(deps, secret))) {
    throw new AppError(
      'not_found',
      'This link was used already or has expired. Pullgate prints a new one at its next start, as long as there is no administrator.',
    );
  }
  if (visit.method === 'GET') {
    return setupForm(visit, {});
  }
  const username = fieldText(visit.form, 'username').trim();
  const password = new Secret(fieldText(visit.form, 'password'));
  try {
    requireNoProblems({
      ...userProblems({ username, displayName: username, password }, deps.tokenPrefix),
      ...problemsOf({ password_again: repeatProblem(visit.form) }),
    });
    await createFirstAdministrator(deps, secret, { username, password, origin: visit.origin });
  } catch (error) {
    return setupForm(visit, fieldErrors(error));
  }
  return redirectSaying(visit, ADDRESSES['sign-in'].path, 'welcome');
}

function setupForm(visit: Visit, errors: Errors): Answer {
  const status = Object.keys(errors).length === 0 ? 200 : 422;
  const body = <Setup action={visit.path} csrf={visit.csrf} form={visit.form} errors={errors} />;
  return page('Create the administrator', body, { status, frame: 'gate' });
}

function Setup(props: {
  readonly action: string;
  readonly csrf: string;
  readonly form: Fields;
  readonly errors: Errors;
}): JSX.Element {
  const { errors } = props;
  return (
    <>
      <div class="gate-head">
        <Mark />
        <h1>Create the administrator</h1>
        <p class="muted">
          Welcome to Pullgate. Nobody has an account yet: make yours, then add the others. This link
          works once.
        </p>
      </div>
      <div class="card">
        <PostForm action={props.action} csrf={props.csrf}>
          <Field
            id="username"
            name="username"
            label="Username"
            value={fieldText(props.form, 'username')}
            error={errors['username']}
            autocomplete="username"
            required
            autofocus
          />
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
            Create the administrator
          </button>
        </PostForm>
      </div>
    </>
  );
}
