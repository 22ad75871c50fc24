import type { Actor, UserActor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Namespace, Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { isAdministrator, isAllowed, rolesThatMay } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import { ROLE_LEVELS, type Member, type Role } from '../access/role.js';
import { pathsAbove } from '../access/tree.js';
import type { User } from '../access/user.js';
import type { Companions } from '../store/companion-store.js';
import type { MemberFilter } from '../store/member-store.js';
import type { Store } from '../store/open-store.js';
import { requireManage, requireSeeSettings } from './requirements.js';
import { noUser, requireThere } from './users.js';
import { goingFirst, writeTo } from './writing.js';

export interface MemberDeps {
  readonly store: Store;
  readonly now: () => Date;
}

/** Adds the user, or changes the role of one who is a member already. */
export async function setMember(
  deps: MemberDeps,
  actor: Actor,
  place: Place,
  member: Member,
): Promise<void> {
  await setMembers(deps, actor, place, { users: [member.user], role: member.role });
}

/** The same for several at once: all of them, or none. */
export async function setMembers(
  deps: MemberDeps,
  actor: Actor,
  place: Place,
  { users, role }: { readonly users: readonly User[]; readonly role: Role },
): Promise<void> {
  requireManage(actor, place);
  await writeTo(deps, actor, place, async ({ stores, record, owner }) => {
    for (const user of users) {
      const { id, username } = await requireThere(stores, user);
      await stores.members.set(place, id, role);
      const subject = { id, name: username };
      await record({ action: 'member_set', on: owner, subject, detail: role });
    }
  });
}

/** Unlike `setMember`, refuses somebody who is a member already. */
export async function addMember(
  deps: MemberDeps,
  actor: Actor,
  place: Place,
  member: Member,
): Promise<void> {
  const { user, role } = member;
  requireManage(actor, place);
  await writeTo(deps, actor, place, async ({ stores, record, owner }) => {
    const { members } = stores;
    const { id, username } = await requireThere(stores, user);
    if ((await members.roleIn(place, id)) !== null) {
      throw new AppError('conflict', `${username} is a member of ${place.path} already.`);
    }
    await members.set(place, id, role);
    const subject = { id, name: username };
    await record({ action: 'member_set', on: owner, subject, detail: role });
  });
}

export async function removeMember(
  deps: MemberDeps,
  actor: Actor,
  place: Place,
  user: User,
): Promise<void> {
  requireManage(actor, place);
  await writeTo(goingFirst(deps), actor, place, async ({ stores: { members }, record, owner }) => {
    if (!(await members.remove(place, user.id))) {
      throw new AppError('not_found', `${user.username} is not a member of ${place.path}.`);
    }
    const subject = { id: user.id, name: user.username };
    await record({ action: 'member_removed', on: owner, subject });
  });
}

export interface MemberSelection extends MemberFilter {
  readonly place: Place;
}

/** Of its own, without those of the namespaces above. */
export function everyMember(place: Place): MemberSelection {
  return { place, text: '', userIds: null };
}

/** By user id. */
export async function pageOfMembers(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  filter: MemberSelection,
  page: PageRequest,
): Promise<Page<Member>> {
  requireSeeSettings(actor, filter.place);
  return await store.members.page(filter, page);
}

/** Of these users, those whose own role in the place is higher than this one: they would lose by it. */
export async function membersAbove(
  deps: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  { users, role }: { readonly users: readonly User[]; readonly role: Role },
): Promise<readonly Member[]> {
  const filter = { place, text: '', userIds: users.map(({ id }) => id) };
  const request = { limit: users.length, start: { after: null }, total: false };
  const { items } = await pageOfMembers(deps, actor, filter, request);
  return items.filter((member) => ROLE_LEVELS[member.role] > ROLE_LEVELS[role]);
}

/** A member, and the project or namespace that the role comes from. */
export interface PlacedMember extends Member {
  readonly place: Place;
}

/** With those of the namespaces above: the highest of somebody's roles, by user id. */
export async function pageOfAllMembers(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  { place, ...filter }: MemberSelection,
  page: PageRequest,
): Promise<Page<PlacedMember>> {
  requireSeeSettings(actor, place);
  const places = await placesAbove(store, place);
  const found = await store.members.pageAcross(places, filter, page);
  const items = found.items.map((member) => {
    const from = places.find(
      ({ kind, id }) => kind === member.place.kind && id === member.place.id,
    );
    return { ...member, place: from ?? place };
  });
  return { ...found, items };
}

/** The place itself first, then the nearest: a role of its own comes before the same from above. */
async function placesAbove(
  { namespaces }: Pick<Store, 'namespaces'>,
  place: Place,
): Promise<readonly Place[]> {
  return [place, ...(await namespacesOver(namespaces, place))];
}

/** The nearest first. */
async function namespacesOver(
  namespaces: Store['namespaces'],
  { path }: Place,
): Promise<readonly Namespace[]> {
  const above = await namespaces.findByPaths(pathsAbove(path));
  return above.toSorted((a, b) => b.path.length - a.path.length);
}

export interface InheritedMembers {
  readonly from: Namespace;
  readonly members: readonly Member[];
  /** How many there are, if more than are listed. */
  readonly total: number;
}

/** Of the namespaces above the place, whose roles hold in it too: the nearest first, so many of each. */
export async function membersFromAbove(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  atMost: number,
): Promise<readonly InheritedMembers[]> {
  requireSeeSettings(actor, place);
  const inherited: InheritedMembers[] = [];
  for (const from of await namespacesOver(store.namespaces, place)) {
    const request = { limit: atMost, start: { after: null }, total: true } as const;
    const { items, total } = await store.members.page(everyMember(from), request);
    if (items.length > 0) {
      inherited.push({ from, members: items, total: total ?? items.length });
    }
  }
  return inherited;
}

/** Whom to ask: for those who are signed in and see the project. At most so many, by user id. */
export async function maintainersOf(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  project: Project,
  atMost: number,
): Promise<readonly User[]> {
  return actor.kind === 'user' && isAllowed(actor, 'see_project', project)
    ? await store.members.withRole(project.id, rolesThatMay('manage'), atMost)
    : [];
}

/** Null for somebody who is no member. */
export async function findMember(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  userId: number,
): Promise<Member | null> {
  requireSeeSettings(actor, place);
  const user = await store.users.findById(userId);
  const role = user && (await store.members.roleIn(place, userId));
  return user === null || role === null ? null : { user, role };
}

/** The same with roles from above. */
export async function findAnyMember(
  deps: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  userId: number,
): Promise<Member | null> {
  const filter = { place, text: '', userIds: [userId] };
  const one = { limit: 1, start: { after: null }, total: false };
  const { items } = await pageOfAllMembers(deps, actor, filter, one);
  return items[0] ?? null;
}

/**
 * For whoever names a new member. That an account of this username exists is no secret from maintainers; by a
 * number only those are found whom the actor knows, or any account could list all others by counting.
 */
export async function findFutureMember(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  key: string | number,
): Promise<User> {
  requireManage(actor, place);
  const { users } = store;
  if (typeof key === 'string') {
    return (await users.findByUsername(key)) ?? noUser(key);
  }
  const user = await users.findById(key);
  const isKnown = await knows(store, actor, key);
  return user !== null && isKnown ? user : noUser(key);
}

async function knows(
  { companions }: Pick<Store, 'companions'>,
  actor: Actor,
  userId: number,
): Promise<boolean> {
  return (
    isAdministrator(actor) ||
    (actor.kind === 'user' &&
      (actor.user.id === userId || (await companions.has(companionsOf(actor), userId))))
  );
}

function companionsOf({ user, roles }: UserActor): Companions {
  return { userId: user.id, namespaces: [...roles.namespaces.keys()] };
}

/** Whom the actor may want to add, by username: those who share a place with the actor; for administrators anybody. */
export async function futureMembers(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  place: Place,
  atMost: number,
): Promise<readonly User[]> {
  requireManage(actor, place);
  if (isAdministrator(actor)) {
    return await store.users.firstByUsername(atMost);
  }
  return actor.kind === 'user' ? await store.companions.list(companionsOf(actor), atMost) : [];
}
