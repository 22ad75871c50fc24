import { AppError } from '../../../access/errors.js';
import { invitationStatus } from '../../../access/invitation.js';
import type { Place } from '../../../access/namespace.js';
import { parseRole } from '../../../access/role.js';
import { Secret } from '../../../credentials.js';
import {
  findInvitation,
  invitedPlaces,
  inviteUsers,
  pageOfInvitations,
  revokeInvitation,
} from '../../../services/invitations.js';
import { findVisiblePlace } from '../../../services/places.js';
import { onlyOnce } from '../../../services/sessions.js';
import { usernamesOf } from '../../../services/users.js';
import { adminFrame } from '../../admin-frame.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { fieldNumber, fieldText, fieldWords } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import {
  redirectSaying,
  type Answer,
  type PageAnswer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { Invitations, nameOf, NewLinks, RevocationPage } from './view.js';

const HERE = ADDRESSES.invitations.path;

/** Links for new accounts, for administrators. */
export async function invitationsPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () =>
      fieldText(visit.form, 'do') === 'revoke'
        ? await revoke(deps, visit)
        : await invite(deps, visit),
    async (errors) => (await ask(deps, visit)) ?? (await show(deps, visit, errors)),
  );
}

async function revoke(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const id = fieldNumber(visit.form, 'id') ?? 0;
  const invitation = await revokeInvitation(deps, visit.actor, id);
  return redirectSaying(visit, HERE, 'invitation-revoked', nameOf(invitation));
}

async function invite(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { form, actor, session } = visit;
  const usernames = fieldWords(form, 'username');
  const role = parseRole(fieldText(form, 'role'));
  if (role === null) {
    throw new AppError('invalid_input', 'Choose a role.', { field: 'role' });
  }
  const places = await readPlaces(deps, visit);
  const made = await onlyOnce(
    deps,
    session,
    new Secret(fieldText(form, 'nonce')),
    async () =>
      await inviteUsers(deps, actor, {
        usernames: usernames.length === 0 ? [null] : usernames,
        roles: places.map((place) => ({ place, role })),
      }),
  );
  if (made === null) {
    return redirectSaying(visit, HERE, 'form-used');
  }
  const links = made.map(({ invitation, secret }) => ({
    invitation,
    link: deps.publicUrl + addressOf('invitation', { link: secret.reveal() }),
  }));
  return inFrame({ title: 'Save the links', body: <NewLinks links={links} /> });
}

/** Those that there are not are all named at once. */
async function readPlaces(
  deps: WebDeps,
  { form, actor }: SignedInVisit,
): Promise<readonly Place[]> {
  const places: Place[] = [];
  const unknown: string[] = [];
  for (const path of fieldWords(form, 'places')) {
    const place = await findVisiblePlace(deps, actor, path);
    if (place === null) {
      unknown.push(path);
    } else {
      places.push(place);
    }
  }
  if (unknown.length > 0) {
    throw new AppError(
      'invalid_input',
      `There is no project and no namespace ${unknown.join(', ')}.`,
      { field: 'places' },
    );
  }
  return places;
}

/** The question before one is revoked; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit): Promise<Answer | null> {
  const id = fieldNumber(visit.query, 'revoke');
  if (id === null || visit.method === 'POST') {
    return null;
  }
  const invitation = await findInvitation(deps, visit.actor, id);
  return invitationStatus(invitation, deps.now()) === 'open'
    ? inFrame({
        title: `Revoke the invitation ${nameOf(invitation)}?`,
        body: <RevocationPage visit={visit} invitation={invitation} />,
      })
    : null;
}

async function show(deps: WebDeps, visit: SignedInVisit, errors: Errors): Promise<Answer> {
  const invitations = await pageOfInvitations(deps, visit.actor, pageIn(visit.query));
  const people = invitations.items.flatMap(({ createdBy, usedBy }) => [createdBy, usedBy]);
  return inFrame({
    title: 'Invitations',
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <Invitations
        visit={visit}
        invitations={invitations}
        names={await usernamesOf(deps, people)}
        pathOf={await invitedPlaces(deps, invitations.items)}
        errors={errors}
        nonce={Secret.generate().reveal()}
        now={deps.now()}
      />
    ),
  });
}

function inFrame(shown: Omit<Parameters<typeof adminFrame>[1], 'crumbs'>): PageAnswer {
  const crumbs = [
    { label: 'Users', href: ADDRESSES.users.path },
    { label: 'Invitations', href: null },
  ];
  return adminFrame('users', { ...shown, crumbs });
}
