import { AppError } from '../../../access/errors.js';
import type { Place } from '../../../access/namespace.js';
import { parseRole, type Member } from '../../../access/role.js';
import type { User } from '../../../access/user.js';
import {
  everyMember,
  findFutureMember,
  findMember,
  futureMembers,
  membersAbove,
  membersFromAbove,
  pageOfMembers,
  removeMember,
  setMembers,
} from '../../../services/members.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { fieldNumber, fieldText, fieldWords } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { placeFrame } from '../../place-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { LowerRolePage, RemovalPage } from './questions.js';
import { Members } from './view.js';

/** Of each namespace above; more are on its own page. */
const MOST_INHERITED = 50;
/** To choose from; others are added by their exact username. */
const MOST_OFFERED = 200;
/** Of those who are added. */
const MOST_AT_ONCE = 50;

export async function membersPage(
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit, place),
    async (errors) => (await ask(deps, visit, place)) ?? (await show(deps, visit, place, errors)),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit, place: Place): Promise<Answer> {
  const { form, actor } = visit;
  const users = await readUsers(deps, visit, place);
  const names = users.map(({ username }) => username).join(', ');
  // Whoever changed their own role may not be allowed back onto this page.
  const isOwn = users.some(({ id }) => id === actor.user.id);
  const next = isOwn ? ADDRESSES.home.path : addressOf('members', { place: place.path });
  const [user] = users;
  if (fieldText(form, 'do') === 'remove' && user !== undefined) {
    await removeMember(deps, actor, place, user);
    return redirectSaying(visit, next, 'member-removed', user.username);
  }
  const role = parseRole(fieldText(form, 'role'));
  if (role === null) {
    throw new AppError('invalid_input', 'Choose a role.', { field: 'role' });
  }
  const losing = await membersAbove(deps, actor, place, { users, role });
  if (losing.length > 0 && fieldText(form, 'sure') !== 'yes') {
    return placeFrame(visit, place, 'members', {
      title: 'Lower a role?',
      body: <LowerRolePage visit={visit} place={place} users={users} losing={losing} role={role} />,
    });
  }
  await setMembers(deps, actor, place, { users, role });
  const said = users.length === 1 ? `${names} is ${role}` : `${names} are each ${role}`;
  return redirectSaying(visit, next, 'member-set', said);
}

/** By exact name, one or several; those that there are not are all named at once. */
async function readUsers(
  deps: WebDeps,
  { form, actor }: SignedInVisit,
  place: Place,
): Promise<readonly User[]> {
  const names = fieldWords(form, 'username');
  if (names.length === 0 || names.length > MOST_AT_ONCE) {
    throw new AppError('invalid_input', `Enter 1 to ${MOST_AT_ONCE} usernames.`, {
      field: 'username',
    });
  }
  const users: User[] = [];
  const unknown: string[] = [];
  for (const name of names) {
    const user = await findFutureMember(deps, actor, place, name).catch(nullIfMissing);
    if (user === null) {
      unknown.push(name);
    } else {
      users.push(user);
    }
  }
  if (unknown.length > 0) {
    const what = unknown.length === 1 ? 'is no user' : 'are no users';
    throw new AppError('invalid_input', `There ${what} ${unknown.join(', ')}.`, {
      field: 'username',
    });
  }
  return users;
}

function nullIfMissing(error: unknown): null {
  if (error instanceof AppError && error.code === 'not_found') {
    return null;
  }
  throw error;
}

/** The question before somebody is removed; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit, place: Place): Promise<Answer | null> {
  const id = fieldNumber(visit.query, 'remove');
  const member =
    id === null || visit.method === 'POST' ? null : await findMember(deps, visit.actor, place, id);
  return member === null
    ? null
    : placeFrame(visit, place, 'members', {
        title: `Remove ${member.user.username}?`,
        body: <RemovalPage visit={visit} place={place} member={member} />,
      });
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
  errors: Errors,
): Promise<Answer> {
  const selection = everyMember(place);
  const members = await pageOfMembers(deps, visit.actor, selection, pageIn(visit.query));
  const offered = await futureMembers(deps, visit.actor, place, MOST_OFFERED);
  const inherited = await membersFromAbove(deps, visit.actor, place, MOST_INHERITED);
  return placeFrame(visit, place, 'members', {
    title: 'Members',
    status: hasErrors(errors) ? 422 : 200,
    body: (
      <Members
        visit={visit}
        place={place}
        members={members}
        inherited={inherited}
        offered={offered.filter(({ id }) => !isAmong(members.items, id))}
        errors={errors}
      />
    ),
  });
}

function isAmong(members: readonly Member[], userId: number): boolean {
  return members.some(({ user }) => user.id === userId);
}
