/** The end of an account: what goes with it, what stays, and what is left without anybody. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Namespace, Place } from '../access/namespace.js';
import { rolesThatMay } from '../access/permissions.js';
import { namespaceOf } from '../access/project.js';
import type { User } from '../access/user.js';
import type { Store, Stores } from '../store/open-store.js';
import { EVERY_PROJECT } from './projects.js';
import { requireAdministrator, requireOversight, userIdOf } from './requirements.js';
import { requireOtherAdministrator, requireThere } from './users.js';
import { goingFirst, writeAs, type WritingDeps } from './writing.js';

/** Of what is named. */
export const MOST_NAMED = 20;

export interface AccountEnd {
  /** That end. */
  readonly accessTokens: number;
  readonly memberships: number;
  /** In the user's own namespace: they pass to the administrators. */
  readonly projects: number;
  /** That the user made for projects and namespaces: they go on working. */
  readonly deployTokens: number;
  /** Paths of projects and namespaces that only administrators manage then; the first of each. */
  readonly unmanaged: readonly string[];
  /** Whether the username stays taken, as that of somebody who did what is on record. */
  readonly keepsName: boolean;
}

/** For the question before. */
export async function accountEnd(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  actor: Actor,
  user: User,
): Promise<AccountEnd> {
  requireOversight(actor);
  return await endOf(store, user, now());
}

/**
 * Sessions, personal access tokens, roles and open invitations end. Deploy tokens live on: machines use them.
 * Nobody else gets the username of somebody whose name is on record.
 */
export async function removeUser(
  deps: WritingDeps,
  actor: Actor,
  { id, username }: User,
): Promise<AccountEnd> {
  requireAdministrator(actor);
  if (userIdOf(actor) === id) {
    throw new AppError('conflict', 'You cannot remove your own account.');
  }
  return await writeAs(goingFirst(deps), actor, async ({ stores, actor: present, at, record }) => {
    requireAdministrator(present);
    const user = await requireThere(stores, { id, username });
    if (user.isAdmin) {
      await requireOtherAdministrator(stores, user);
    }
    const end = await endOf(stores, user, at);
    const subject = { id, name: username };
    for (const on of await placesOf(stores, user)) {
      await record({ action: 'member_removed', on, subject, detail: 'the account was removed' });
    }
    await stores.sessions.removeOfUser(id, 'all');
    await stores.accessTokens.revokeOfUser(id, at);
    await stores.invitations.revokeOf(id, at);
    await stores.members.removeOfUser(id);
    await passOn(stores, await ownNamespace(stores, user), { at, by: userIdOf(present) });
    await stores.users.remove(id, at, end.keepsName ? 'keep' : 'free');
    await record({ action: 'user_removed', subject, detail: detailOf(end) });
    return end;
  });
}

async function endOf(stores: Stores, user: User, now: Date): Promise<AccountEnd> {
  const { members, accessTokens, deployTokens, users } = stores;
  const own = await ownNamespace(stores, user);
  const roles = await members.rolesOf(user.id);
  const alone = await members.heldAlone(user.id, rolesThatMay('manage'), MOST_NAMED);
  return {
    accessTokens: await accessTokens.countActive(user.id, now),
    memberships: roles.projects.size + roles.namespaces.size - (own === null ? 0 : 1),
    projects: own === null ? 0 : await projectsBelow(stores, own),
    deployTokens: await deployTokens.countActiveBy(user.id, now),
    unmanaged: alone.filter((path) => path !== own?.path),
    keepsName: await users.hasLeftTraces(user),
  };
}

async function ownNamespace(
  { namespaces }: Pick<Stores, 'namespaces'>,
  { id, username }: User,
): Promise<Namespace | null> {
  const namespace = await namespaces.findByPath(username);
  return namespace?.userId === id ? namespace : null;
}

async function projectsBelow(
  { projects }: Pick<Stores, 'projects'>,
  { path }: Namespace,
): Promise<number> {
  const filter = {
    ...EVERY_PROJECT,
    membership: null,
    sight: { kind: 'all' },
    namespace: { path, deep: true },
  } as const;
  const page = await projects.page(filter, { limit: 1, start: { after: null }, total: true });
  return page.total ?? 0;
}

async function placesOf(
  { members, projects, namespaces }: Pick<Stores, 'members' | 'projects' | 'namespaces'>,
  { id, username }: User,
): Promise<readonly Place[]> {
  const roles = await members.rolesOf(id);
  const own = namespaceOf(username);
  return [
    ...(await projects.findByIds([...roles.projects.keys()])),
    ...(await namespaces.findByPaths([...roles.namespaces.keys()].filter((path) => path !== own))),
  ];
}

/**
 * The user's own namespace passes to the administrators, with all that lies below it: without members, since
 * in a namespace of administrators these may do more. One that is empty goes.
 */
async function passOn(
  { namespaces, members, deployTokens }: Stores,
  own: Namespace | null,
  { at, by }: { readonly at: Date; readonly by: number | null },
): Promise<void> {
  if (own === null) {
    return;
  }
  if (await namespaces.isEmpty(own.path)) {
    await deployTokens.revokeByOwner(own, at, by);
    await namespaces.remove(own.id);
  } else {
    await members.removeAll(own);
    await namespaces.setUser(own.id, null);
  }
}

function detailOf({ projects, unmanaged }: AccountEnd): string {
  return [
    ...(projects > 0 ? [`projects passed to the administrators: ${projects}`] : []),
    ...(unmanaged.length > 0 ? [`left without a maintainer: ${unmanaged.join(', ')}`] : []),
  ].join('; ');
}
