import type { JSX } from 'preact';
import { isAccessTokenScope, type AccessToken } from '../../../access/access-token.js';
import { AppError } from '../../../access/errors.js';
import { parseExpiryDate } from '../../../access/expiry.js';
import { Secret } from '../../../credentials.js';
import {
  accessTokenProblems,
  createAccessToken,
  findAccessToken,
  pageOfAccessTokens,
  revokeAccessToken,
} from '../../../services/access-tokens.js';
import { passwordProblem } from '../../../services/passwords.js';
import { problemsOf, requireNoProblems } from '../../../services/problems.js';
import {
  endAllSessions,
  endSession,
  findOwnSession,
  onlyOnce,
  pageOfSessions,
} from '../../../services/sessions.js';
import { changeOwnPassword } from '../../../services/users.js';
import { fieldNumber, fieldText, fieldTexts } from '../../fields.js';
import {
  changeOrShow,
  hasErrors,
  NO_SUCH_DATE,
  repeatProblem,
  type Errors,
} from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { Band } from '../../parts/band.js';
import {
  page,
  redirect,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { PROFILE_ADDRESS, SESSIONS_AFTER, TOKENS_AFTER } from './address.js';
import { EndSessionPage } from './sessions.js';
import { NewAccessToken, RevokePage } from './tokens.js';
import { Profile } from './view.js';

/** One's own password, personal access tokens and sessions. */
export async function profilePage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit),
    async (errors) => (await ask(deps, visit)) ?? (await show(deps, visit, errors)),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { form, actor, session } = visit;
  const id = fieldNumber(form, 'id') ?? 0;
  switch (fieldText(form, 'do')) {
    case 'password':
      await changePassword(deps, visit);
      return redirectSaying(visit, PROFILE_ADDRESS, 'password-changed');
    case 'create-token':
      return await createToken(deps, visit);
    case 'revoke-token':
      return await revokeToken(deps, visit, id);
    case 'end-session':
      await endSession(deps, actor, id);
      return id === session.id
        ? { kind: 'signed-out' }
        : redirectSaying(visit, PROFILE_ADDRESS, 'session-ended');
    case 'end-all-sessions':
      await endAllSessions(deps, actor);
      return { kind: 'signed-out' };
    default:
      return redirect(PROFILE_ADDRESS);
  }
}

async function changePassword(deps: WebDeps, visit: SignedInVisit): Promise<void> {
  const { form, actor, session } = visit;
  const password = fieldText(form, 'password');
  requireNoProblems(
    problemsOf({
      password: passwordProblem(new Secret(password), deps.tokenPrefix),
      password_again: repeatProblem(form),
    }),
  );
  await changeOwnPassword(deps, actor, {
    current: new Secret(fieldText(form, 'current_password')),
    password: new Secret(password),
    keepSession: session.id,
  });
}

async function createToken(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { form, actor, session } = visit;
  const dateText = fieldText(form, 'expires_at').trim();
  const input = {
    name: fieldText(form, 'name'),
    scopes: fieldTexts(form, 'scopes').filter(isAccessTokenScope),
    expiresAt: parseExpiryDate(dateText),
  };
  requireNoProblems({
    ...accessTokenProblems(input, null, deps.now()),
    ...(dateText !== '' && input.expiresAt === null && { expires_at: NO_SUCH_DATE }),
  });
  const created = await onlyOnce(
    deps,
    session,
    new Secret(fieldText(form, 'nonce')),
    async () => await createAccessToken(deps, actor, actor.user, input),
  );
  return created === null
    ? redirectSaying(visit, PROFILE_ADDRESS, 'form-used')
    : page('Save your personal access token', <NewAccessToken {...created} />, {
        band: bandOf(visit),
      });
}

async function revokeToken(deps: WebDeps, visit: SignedInVisit, id: number): Promise<Answer> {
  const token = await ownToken(deps, visit, id);
  await revokeAccessToken(deps, visit.actor, visit.actor.user, id);
  return redirectSaying(visit, PROFILE_ADDRESS, 'access-token-revoked', token.name);
}

/** One of another user has no page here, whoever may see it elsewhere. */
async function ownToken(deps: WebDeps, { actor }: SignedInVisit, id: number): Promise<AccessToken> {
  const { token } = await findAccessToken(deps, actor, id);
  if (token.userId !== actor.user.id) {
    throw new AppError('not_found', `There is no personal access token ${id}.`);
  }
  return token;
}

/** The question before a token or a session ends; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit): Promise<Answer | null> {
  if (visit.method === 'POST') {
    return null;
  }
  const { query, actor } = visit;
  const band = bandOf(visit);
  const tokenId = fieldNumber(query, 'revoke');
  if (tokenId !== null) {
    const token = await ownToken(deps, visit, tokenId);
    return page(`Revoke ${token.name}?`, <RevokePage visit={visit} token={token} />, { band });
  }
  if (fieldText(query, 'session') === 'all') {
    return page('Sign out everywhere?', <EndSessionPage visit={visit} session={null} />, { band });
  }
  const sessionId = fieldNumber(query, 'session');
  const session = sessionId === null ? null : await findOwnSession(deps, actor, sessionId);
  return session && page('Sign out?', <EndSessionPage visit={visit} session={session} />, { band });
}

function bandOf({ actor: { user } }: SignedInVisit): JSX.Element {
  return (
    <Band
      icon="user"
      title={<bdi>{user.displayName}</bdi>}
      note={
        <>
          Signed in as <code>{user.username}</code>
          {user.isAdmin && ', administrator'}.
        </>
      }
    />
  );
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const { actor, query } = visit;
  const active = { userId: actor.user.id, state: 'active' } as const;
  const body = (
    <Profile
      visit={visit}
      errors={errors}
      tokens={await pageOfAccessTokens(deps, actor, active, pageIn(query, TOKENS_AFTER))}
      sessions={await pageOfSessions(deps, actor, pageIn(query, SESSIONS_AFTER))}
      nonce={Secret.generate().reveal()}
      now={deps.now()}
    />
  );
  return page('Your settings', body, {
    status: hasErrors(errors) ? 422 : 200,
    band: bandOf(visit),
  });
}
