import type { JSX } from 'preact';
import { z } from 'zod';
import { Secret } from '../../../credentials.js';
import { signIn } from '../../../services/sessions.js';
import { ADDRESSES, localPath } from '../../addresses.js';
import { fieldsOf, fieldText, keptFields, NO_FIELDS, type Fields } from '../../fields.js';
import { Field } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Mark } from '../../parts/icon.js';
import { Notice } from '../../parts/notice.js';
import {
  page,
  redirect,
  type Answer,
  type PageAnswer,
  type Visit,
  type WebDeps,
} from '../../visit.js';

const ADDRESS = ADDRESSES['sign-in'].path;
/** One text for an unknown user, a wrong password and a blocked account. */
const REFUSED = 'Wrong username or password. Try again.';
const Kept = z.array(z.tuple([z.string(), z.string()])).max(200);

interface SignInForm {
  readonly username: string;
  /** Where to go on, a path of ours. */
  readonly to: string;
  /** What was typed into the form there. */
  readonly kept: Fields;
  readonly error?: string;
}

export async function signInPage(deps: WebDeps, visit: Visit): Promise<Answer> {
  if (visit.method === 'POST') {
    return await submit(deps, visit);
  }
  // The form holds something when it was shown again for being out of date.
  const { query, form } = visit;
  const to = localPath(fieldText(form, 'return_to') || fieldText(query, 'return_to'));
  const kept = parseKept(fieldText(form, 'kept'));
  return visit.actor.kind === 'user'
    ? redirect(to)
    : signInForm(visit, { username: fieldText(form, 'username'), to, kept });
}

/** The answer to a form that came when nobody was signed in any more: what was typed is not lost. */
export function signInToGoOn(visit: Visit): PageAnswer {
  return signInForm(
    visit,
    { username: '', to: visit.path, kept: fieldsOf(keptFields(visit.form)) },
    401,
  );
}

async function submit(deps: WebDeps, visit: Visit): Promise<Answer> {
  const { form, origin, userAgent, record } = visit;
  const input = {
    username: fieldText(form, 'username'),
    to: localPath(fieldText(form, 'return_to')),
    kept: parseKept(fieldText(form, 'kept')),
  };
  const result = await signIn(
    deps,
    { username: input.username, secret: new Secret(fieldText(form, 'password')) },
    { previous: visit.session, client: userAgent },
    origin,
  );
  if (!result.accepted) {
    // Whom it belongs to, and never what was typed: people type passwords into that field.
    const { refusal, user, retryAfterSeconds } = result;
    record.refusedCredentials = { refusal, ...(user && { user }) };
    return retryAfterSeconds === undefined
      ? signInForm(visit, { ...input, error: REFUSED }, 422)
      : {
          ...signInForm(visit, { ...input, error: tooManyAttempts(retryAfterSeconds) }, 429),
          retryAfterSeconds,
        };
  }
  const { secret, session, actor } = result;
  record.actor = actor;
  return { kind: 'signed-in', secret, session, actor, to: input.to, kept: input.kept };
}

function tooManyAttempts(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `Too many attempts. Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, and try again.`;
}

function parseKept(text: string): Fields {
  try {
    return fieldsOf(keptFields(fieldsOf(Kept.parse(JSON.parse(text)))));
  } catch {
    return NO_FIELDS;
  }
}

function signInForm(visit: Visit, form: SignInForm, status = 200): PageAnswer {
  return page('Sign in', <SignIn csrf={visit.csrf} form={form} />, { status, frame: 'gate' });
}

function SignIn({ csrf, form }: { readonly csrf: string; readonly form: SignInForm }): JSX.Element {
  const kept = keptFields(form.kept);
  return (
    <>
      <div class="gate-head">
        <Mark />
        <h1>Sign in to Pullgate</h1>
      </div>
      {form.error !== undefined && <Notice kind="bad">{form.error}</Notice>}
      {kept.length > 0 && form.error === undefined && (
        <Notice kind="info">
          You were signed out in the meantime. Sign in again: what you typed is kept, and you can
          check it before it is sent.
        </Notice>
      )}
      <div class="card">
        <PostForm action={ADDRESS} csrf={csrf}>
          <input type="hidden" name="return_to" value={form.to} />
          {kept.length > 0 && <input type="hidden" name="kept" value={JSON.stringify(kept)} />}
          <Field
            id="username"
            name="username"
            label="Username"
            value={form.username}
            autocomplete="username"
            required
            autofocus
          />
          <Field
            id="password"
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            required
          />
          <button type="submit" class="button primary wide">
            Sign in
          </button>
        </PostForm>
      </div>
      <p class="small muted">
        No account? Ask an administrator of this Pullgate. A machine needs none: a maintainer makes
        a deploy token for it.
      </p>
    </>
  );
}
