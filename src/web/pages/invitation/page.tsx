import type { JSX } from 'preact';
import { invitationStatus, type Invitation } from '../../../access/invitation.js';
import { Secret } from '../../../credentials.js';
import {
  acceptInvitation,
  ENDED,
  invitationOf,
  newcomerProblems,
} from '../../../services/invitations.js';
import { problemsOf, requireNoProblems } from '../../../services/problems.js';
import { usernamesOf } from '../../../services/users.js';
import { accountPage, type AccountForm } from '../../account-form.js';
import { ADDRESSES, type Address } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, repeatProblem } from '../../form-errors.js';
import { Mark } from '../../parts/icon.js';
import { Ago } from '../../parts/time.js';
import { page, redirectSaying, type Answer, type Visit, type WebDeps } from '../../visit.js';

/** The page behind an invitation. Opening it changes nothing, so that programs that look at links end none. */
export async function invitationPage(
  deps: WebDeps,
  visit: Visit,
  { link }: Pick<Address, 'link'>,
): Promise<Answer> {
  const secret = new Secret(link ?? '');
  const invitation = await invitationOf(deps, secret);
  const status = invitation && invitationStatus(invitation, deps.now());
  if (invitation === null || status === null) {
    return endedPage(404, 'There is no such invitation', UNKNOWN);
  }
  if (status !== 'open') {
    return endedPage(410, ENDED[status].replace(/\.$/, ''), AFTER[status]);
  }
  const form = await formFor(deps, invitation);
  return await changeOrShow(
    visit,
    async () => await accept(deps, visit, { invitation, secret }),
    async (errors) => await Promise.resolve(accountPage(visit, form, errors)),
  );
}

async function accept(
  deps: WebDeps,
  visit: Visit,
  { invitation, secret }: { readonly invitation: Invitation; readonly secret: Secret },
): Promise<Answer> {
  const { form, origin, session } = visit;
  const input = {
    username: fieldText(form, 'username').trim(),
    displayName: fieldText(form, 'display_name'),
    password: new Secret(fieldText(form, 'password')),
  };
  requireNoProblems({
    ...newcomerProblems(invitation, input, deps.tokenPrefix),
    ...problemsOf({ password_again: repeatProblem(form) }),
  });
  const { username } = await acceptInvitation(deps, secret, { ...input, origin });
  const next = session === null ? ADDRESSES['sign-in'].path : ADDRESSES.home.path;
  return redirectSaying(visit, next, 'account-created', username);
}

async function formFor(deps: WebDeps, invitation: Invitation): Promise<AccountForm> {
  const { createdBy, username, expiresAt } = invitation;
  const names = await usernamesOf(deps, [createdBy]);
  const inviter = createdBy === null ? undefined : names.get(createdBy);
  return {
    title: 'Create your account',
    lead: (
      <>
        {inviter === undefined ? 'You are' : `${inviter} has`} invited{' '}
        {inviter === undefined ? '' : 'you '}to Pullgate. This link works once, and ends{' '}
        <Ago instant={expiresAt} now={deps.now()} />.
      </>
    ),
    username,
    asksName: true,
    button: 'Create account',
  };
}

const UNKNOWN = 'Check that the whole link was copied, or ask for a new one.';
const AFTER = {
  used: 'The account is there: sign in with the username and the password that were chosen.',
  revoked: 'Ask an administrator for a new one.',
  expired: 'Ask an administrator for a new one.',
} as const;

/** Without a way back to this address: it is a secret. */
function endedPage(status: number, title: string, next: string): Answer {
  return page(title, <Ended title={title} next={next} />, { status, frame: 'gate' });
}

function Ended({ title, next }: { readonly title: string; readonly next: string }): JSX.Element {
  return (
    <div class="gate-head">
      <Mark />
      <h1>{title}</h1>
      <p class="muted">{next}</p>
      <p>
        <a class="button" href={ADDRESSES['sign-in'].path}>
          Sign in
        </a>
      </p>
    </div>
  );
}
