/** Administrators hand out links instead of passwords: whoever opens one makes their own account. */

import type { Actor, Origin } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import {
  invitationStatus,
  type Invitation,
  type InvitationStatus,
  type InvitedRole,
} from '../access/invitation.js';
import type { Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import type { Role } from '../access/role.js';
import { usernameKey, type User } from '../access/user.js';
import { Secret } from '../credentials.js';
import type { Store, Stores } from '../store/open-store.js';
import { problemsOf, requireNoProblems } from './problems.js';
import { requireAdministrator, requireOversight, userIdOf } from './requirements.js';
import { addAccount, requireFreeUsername, userProblems, usernameProblem } from './users.js';
import type { UserDeps } from './users.js';
import { goingFirst, writeAs, writeAsNewcomer, type WritingDeps } from './writing.js';

export const INVITATION_DAYS = 7;
/** Open at one time, in the whole instance. */
export const MOST_OPEN = 500;
/** Made by one form or command. */
export const MOST_AT_ONCE = 50;
const DAY_MS = 24 * 60 * 60 * 1000;
/** How long an ended link still says why it does not work. */
const REMEMBERED_DAYS = 90;

export interface InvitationDeps {
  readonly store: Store;
  readonly now: () => Date;
}

export interface InvitationInput {
  /** One link for each; null for one whose holder chooses a username. */
  readonly usernames: readonly (string | null)[];
  readonly roles: readonly { readonly place: Place; readonly role: Role }[];
}

export interface NewInvitation {
  readonly invitation: Invitation;
  /** Returned here, once: only its digest is stored. */
  readonly secret: Secret;
}

/** All of them, or none. */
export async function inviteUsers(
  deps: WritingDeps,
  actor: Actor,
  { usernames, roles }: InvitationInput,
): Promise<readonly NewInvitation[]> {
  requireAdministrator(actor);
  requireNoProblems(problemsOf({ username: usernamesProblem(usernames) }));
  return await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
    requireAdministrator(present);
    await stores.invitations.removeExpired(new Date(at.getTime() - REMEMBERED_DAYS * DAY_MS));
    if ((await stores.invitations.countOpen(at)) + usernames.length > MOST_OPEN) {
      throw new AppError(
        'conflict',
        `At most ${MOST_OPEN} invitations can be open at a time. Revoke some first.`,
      );
    }
    const made: NewInvitation[] = [];
    for (const username of usernames) {
      if (username !== null) {
        await requireFreeUsername(stores, username, at);
      }
      const secret = Secret.generate();
      const invitation = await stores.invitations.add({
        secretDigest: secret.digest(),
        username,
        roles: roles.map(toInvitedRole),
        createdAt: at,
        createdBy: userIdOf(present),
        expiresAt: new Date(at.getTime() + INVITATION_DAYS * DAY_MS),
      });
      const detail = roles.map(({ place, role }) => `${role} of ${place.path}`).join(', ');
      await record({ action: 'invitation_created', subject: subjectOf(invitation), detail });
      made.push({ invitation, secret });
    }
    return made;
  });
}

function usernamesProblem(usernames: readonly (string | null)[]): string | null {
  if (usernames.length === 0 || usernames.length > MOST_AT_ONCE) {
    return `Invite 1 to ${MOST_AT_ONCE} people at a time.`;
  }
  const names = usernames.filter((name) => name !== null);
  const problem = names.map(usernameProblem).find((each) => each !== null);
  const isTwice = new Set(names.map(usernameKey)).size < names.length;
  return problem ?? (isTwice ? 'Enter each username once.' : null);
}

function toInvitedRole({ place, role }: InvitationInput['roles'][number]): InvitedRole {
  return { place: { kind: place.kind, id: place.id }, role };
}

/** For the audit trail, which never has the link. */
function subjectOf({ id, username }: Invitation): { readonly id: number; readonly name: string } {
  return { id, name: username ?? `#${id}` };
}

/** Newest first, with those that ended lately. */
export async function pageOfInvitations(
  { store }: Pick<InvitationDeps, 'store'>,
  actor: Actor,
  page: PageRequest,
): Promise<Page<Invitation>> {
  requireOversight(actor);
  return await store.invitations.page(page);
}

export async function findInvitation(
  { store }: Pick<InvitationDeps, 'store'>,
  actor: Actor,
  id: number,
): Promise<Invitation> {
  requireOversight(actor);
  return (await store.invitations.findById(id)) ?? noInvitation(id);
}

function noInvitation(id: number): never {
  throw new AppError('not_found', `There is no invitation ${id}.`);
}

/** Refused at once. An account that was made with it stays. */
export async function revokeInvitation(
  deps: WritingDeps,
  actor: Actor,
  id: number,
): Promise<Invitation> {
  requireAdministrator(actor);
  return await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    requireAdministrator(present);
    const { invitations } = stores;
    const invitation = (await invitations.findById(id)) ?? noInvitation(id);
    const status = invitationStatus(invitation, at);
    if (status !== 'open') {
      throw new AppError('conflict', ENDED[status]);
    }
    await invitations.revoke(id, at);
    await record({ action: 'invitation_revoked', subject: subjectOf(invitation) });
    return { ...invitation, revokedAt: at };
  });
}

/** For the holder of the link, who may know. */
export const ENDED: Readonly<Record<Exclude<InvitationStatus, 'open'>, string>> = {
  used: 'This invitation was used already.',
  revoked: 'This invitation was revoked.',
  expired: 'This invitation has expired.',
};

/** Null for a link that never was one. */
export async function invitationOf(
  { store }: Pick<InvitationDeps, 'store'>,
  link: Secret,
): Promise<Invitation | null> {
  return await store.invitations.findByDigest(link.digest());
}

export interface NewcomerInput {
  /** Not asked where the invitation says it. */
  readonly username: string;
  /** The username where it is left empty. */
  readonly displayName: string;
  readonly password: Secret;
}

/** Everything that is wrong with what the invited typed. */
export function newcomerProblems(
  invitation: Invitation,
  input: NewcomerInput,
  tokenPrefix: string,
): ReturnType<typeof userProblems> {
  return userProblems(accountOf(invitation, input), tokenPrefix);
}

function accountOf(
  { username }: Invitation,
  input: NewcomerInput,
): Omit<NewcomerInput, 'username'> & { readonly username: string } {
  const chosen = username ?? input.username;
  return { ...input, username: chosen, displayName: input.displayName.trim() || chosen };
}

/** The account, with what the invitation says that it is a member of. Works once. */
export async function acceptInvitation(
  deps: UserDeps,
  link: Secret,
  { origin, ...input }: NewcomerInput & { readonly origin: Origin },
): Promise<User> {
  const known = requireOpen(await invitationOf(deps, link), deps.now());
  requireNoProblems(newcomerProblems(known, input, deps.tokenPrefix));
  const { username, displayName, password } = accountOf(known, input);
  const passwordHash = await deps.passwords.hash(password, deps.tokenPrefix);
  return await writeAsNewcomer(deps, origin, async ({ stores, at, record }) => {
    // Asked again inside the transaction: of two who hold the link, one is first.
    const invitation = requireOpen(await stores.invitations.findByDigest(link.digest()), at);
    const account = { username, displayName, passwordHash, isAdmin: false };
    const user = await addAccount(stores, account, at, invitation);
    await stores.invitations.use(invitation.id, at, user.id);
    const invited = `invited by ${await inviterOf(stores, invitation)}`;
    const subject = { id: user.id, name: user.username };
    await record(user, { action: 'user_created', subject, detail: invited });
    for (const { place, role } of invitation.roles) {
      const present = await presentPlace(stores, place);
      // Nothing, where the place was removed meanwhile.
      if (present !== null) {
        await stores.members.set(present, user.id, role);
        const detail = `${role}, ${invited}`;
        await record(user, { action: 'member_set', on: present, subject, detail });
      }
    }
    return user;
  });
}

function requireOpen(invitation: Invitation | null, now: Date): Invitation {
  const status = invitation && invitationStatus(invitation, now);
  if (invitation === null || status === null) {
    throw new AppError('not_found', 'There is no such invitation.');
  }
  if (status !== 'open') {
    throw new AppError('conflict', ENDED[status]);
  }
  return invitation;
}

async function inviterOf(
  { users }: Pick<Stores, 'users'>,
  { createdBy }: Invitation,
): Promise<string> {
  const [user] = createdBy === null ? [] : await users.findByIds([createdBy]);
  return user?.username ?? 'the operator';
}

async function presentPlace(
  { projects, namespaces }: Pick<Stores, 'projects' | 'namespaces'>,
  { kind, id }: InvitedRole['place'],
): Promise<Place | null> {
  return kind === 'project' ? await projects.findById(id) : await namespaces.findById(id);
}

/** Of what these invitations lead to: the paths of those places that are still there. */
export async function invitedPlaces(
  { store }: Pick<InvitationDeps, 'store'>,
  invitations: readonly Invitation[],
): Promise<(place: InvitedRole['place']) => string | null> {
  const places = invitations.flatMap(({ roles }) => roles.map(({ place }) => place));
  const found: readonly Place[] = [
    ...(await store.projects.findByIds(idsOf(places, 'project'))),
    ...(await store.namespaces.findByIds(idsOf(places, 'namespace'))),
  ];
  return ({ kind, id }) =>
    found.find((place) => place.kind === kind && place.id === id)?.path ?? null;
}

function idsOf(places: readonly InvitedRole['place'][], kind: Place['kind']): number[] {
  return [...new Set(places.filter((place) => place.kind === kind).map(({ id }) => id))];
}
