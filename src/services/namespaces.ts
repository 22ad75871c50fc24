import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import {
  EVERYWHERE,
  namespacePathProblem,
  type Namespace,
  type NamespaceDetails,
  type Place,
} from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { decideInNamespace, mayCreateBelow, projectsInSight } from '../access/permissions.js';
import { isPath, namespaceOf } from '../access/project.js';
import { roleInNamespace } from '../access/role.js';
import { liesAtOrBelow, parentOf, pathsAbove } from '../access/tree.js';
import type { User } from '../access/user.js';
import type { NamespaceFilter } from '../store/namespace-store.js';
import type { Store, Stores } from '../store/open-store.js';
import { charactersIn, labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { requireRoomForNamespace, type Quotas } from './quotas.js';
import { requireManage, userIdOf } from './requirements.js';
import { goingFirst, writeAs, writeTo, type Deed, type WritingDeps } from './writing.js';

export interface NamespaceDeps {
  readonly store: Store;
  readonly now: () => Date;
}

/** Administrators make top-level ones; whoever maintains the one above makes others, and owns them. */
export async function createNamespace(
  deps: WritingDeps & { readonly quotas: Quotas },
  actor: Actor,
  path: string,
  details: Partial<NamespaceDetails> = {},
): Promise<Namespace> {
  requireCreate(actor, path);
  requireNoProblems(problemsOf({ path: namespacePathProblem(path), ...detailProblems(details) }));
  return await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
    requireCreate(present, path);
    if (present.kind === 'user') {
      await requireRoomForNamespace(deps.quotas, stores, present);
    }
    await requireFreeName(stores, path);
    await makeNamespacesAbove(stores, path, at);
    const namespace = await stores.namespaces.add({
      path,
      userId: null,
      createdAt: at,
      ...kept(details),
    });
    const creator = userIdOf(present);
    if (creator !== null) {
      await stores.members.set(namespace, creator, 'owner');
    }
    await record(deed(namespace, 'namespace_created'));
    return namespace;
  });
}

/** What is left out stays as it is. */
export async function setNamespaceDetails(
  deps: WritingDeps,
  actor: Actor,
  namespace: Namespace,
  details: Partial<NamespaceDetails>,
): Promise<Namespace> {
  requireManage(actor, namespace);
  requireNoProblems(problemsOf(detailProblems(details)));
  return await writeTo(deps, actor, namespace, async ({ stores, record }) => {
    const before = (await stores.namespaces.findById(namespace.id)) ?? namespace;
    const after = { ...before, ...kept(details) };
    const changed = DETAILS.filter((name) => after[name] !== before[name]);
    if (changed.length > 0) {
      await stores.namespaces.setDetails(namespace.id, kept(details));
      await record({ ...deed(namespace, 'namespace_changed'), detail: changed.join(', ') });
    }
    return after;
  });
}

function kept({ name, ...details }: Partial<NamespaceDetails>): Partial<NamespaceDetails> {
  return name === undefined ? details : { ...details, name: name.trim() };
}

const DETAILS = ['name', 'description', 'visibility'] as const;
export const MAX_DESCRIPTION = 255;

function detailProblems({
  name,
  description = '',
}: Partial<NamespaceDetails>): Record<string, string | null> {
  return {
    name: name === undefined ? null : labelProblem('name of a namespace', name),
    description:
      charactersIn(description) > MAX_DESCRIPTION
        ? `The description of a namespace has at most ${MAX_DESCRIPTION} characters.`
        : null,
  };
}

function requireCreate(actor: Actor, path: string): void {
  if (decideInNamespace(actor, 'create_project', parentOf(namespaceOf(path)) ?? '') !== null) {
    throw new AppError(
      'forbidden',
      'Only administrators may create top-level namespaces, and others only maintainers of the namespace above.',
    );
  }
}

/** A username is one, too: it stands for its user's own namespace, whether or not that is there. */
async function requireFreeName(stores: Stores, path: string): Promise<void> {
  const inTheWay = await stores.projects.findPrefixInTheWay(path);
  const isTaken =
    (await stores.namespaces.findByPath(path)) !== null ||
    (inTheWay !== null && !isBelow(inTheWay, namespaceOf(path))) ||
    (!path.includes('/') && (await stores.users.findByUsername(path)) !== null);
  if (isTaken) {
    throw new AppError('conflict', `The path ${path} is taken.`, { field: 'path' });
  }
}

/** Where a removed project still reserves something, the namespace may well come back. */
function isBelow(path: string, above: string): boolean {
  return path !== above && liesAtOrBelow(path, above);
}

/** Makes those that are missing above the path. Whoever may make something there may do that. */
export async function makeNamespacesAbove(
  { namespaces }: Pick<Stores, 'namespaces'>,
  path: string,
  at: Date,
): Promise<void> {
  const above = pathsAbove(path);
  const known = new Set(
    (await namespaces.findByPaths(above)).map((found) => namespaceOf(found.path)),
  );
  for (const missing of above.filter((each) => !known.has(namespaceOf(each)))) {
    await namespaces.add({ path: missing, userId: null, createdAt: at });
  }
}

/** Which its user owns. None for a username that can be no path, or that an address of ours needs. */
export async function makePersonalNamespace(
  { namespaces, members }: Pick<Stores, 'namespaces' | 'members'>,
  { id, username }: User,
  at: Date,
): Promise<void> {
  if (namespacePathProblem(username) === null) {
    const namespace = await namespaces.add({ path: username, userId: id, createdAt: at });
    await members.set(namespace, id, 'owner');
  }
}

/**
 * Whether a top-level name is a user's own: their personal namespace, or the username of somebody who has
 * none because it is not there.
 */
export async function isPersonal(
  { namespaces, users }: Pick<Stores, 'namespaces' | 'users'>,
  name: string,
): Promise<boolean> {
  const namespace = await namespaces.findByPath(name);
  return namespace === null
    ? (await users.findByUsername(name)) !== null
    : namespace.userId !== null;
}

/** With its members; everything below it has to be gone before. Its deploy tokens die with it. */
export async function removeNamespace(
  deps: WritingDeps,
  actor: Actor,
  namespace: Namespace,
): Promise<void> {
  requireManage(actor, namespace);
  await writeTo(goingFirst(deps), actor, namespace, async ({ stores, at, record, ...writing }) => {
    if (namespace.userId !== null) {
      throw new AppError(
        'conflict',
        `${namespace.path} is the namespace of a user, and goes with the account.`,
      );
    }
    if (!(await stores.namespaces.isEmpty(namespace.path))) {
      throw new AppError(
        'conflict',
        `${namespace.path} is not empty: remove the projects and namespaces below it first.`,
      );
    }
    await stores.deployTokens.revokeByOwner(namespace, at, userIdOf(writing.actor));
    await stores.namespaces.remove(namespace.id);
    await record(deed(namespace, 'namespace_removed'));
  });
}

function deed(
  namespace: Namespace,
  action: 'namespace_created' | 'namespace_changed' | 'namespace_removed',
): Deed {
  return { action, on: namespace, subject: { id: namespace.id, name: namespace.path } };
}

/** No path is a lone dot: nothing lies there. */
const NOWHERE = '.';

/**
 * By path or id. Null for one that the actor may not know of, as for one that does not exist: the same is
 * asked of the database for both.
 */
export async function findVisibleNamespace(
  { store }: Pick<NamespaceDeps, 'store'>,
  actor: Actor,
  key: string | number,
): Promise<Namespace | null> {
  if (typeof key === 'string' && !isPath(key)) {
    return null;
  }
  const { places } = store;
  const namespace = await (typeof key === 'string'
    ? places.namespaceByPath(key)
    : places.namespaceById(key));
  const path = namespace?.path ?? (typeof key === 'string' ? key : NOWHERE);
  return (await isInSight(store, actor, path)) ? namespace : null;
}

/** Whether the actor has a role in it, or below it, or sees a project below it. */
async function isInSight({ namespaces }: Stores, actor: Actor, path: string): Promise<boolean> {
  const sight = projectsInSight(actor);
  if (sight.kind === 'all') {
    return true;
  }
  const hasRole =
    actor.kind === 'user' &&
    sight.below.length > 0 &&
    roleInNamespace(actor.roles, path) !== undefined;
  return (
    hasRole ||
    sight.below.some((own) => isBelow(own, namespaceOf(path))) ||
    (await namespaces.hasProject(path, sight.visibilities)) ||
    (sight.memberId !== null && (await namespaces.hasProjectOf(path, sight.memberId)))
  );
}

/** Of a namespace or a project, for whoever sees the one: the namespaces right above, by their paths in lower case. */
export async function namespacesAbove(
  { store }: Pick<NamespaceDeps, 'store'>,
  places: readonly Pick<Place, 'path'>[],
): Promise<ReadonlyMap<string, Namespace>> {
  const paths = places.flatMap(({ path }) => pathsAbove(namespaceOf(path)));
  const found = await store.namespaces.findByPaths([...new Set(paths)]);
  return new Map(found.map((namespace) => [namespaceOf(namespace.path), namespace]));
}

/** By the ids of the users. */
export async function personalNamespaceIds(
  { store }: Pick<NamespaceDeps, 'store'>,
  users: readonly Pick<User, 'id' | 'username'>[],
): Promise<ReadonlyMap<number, number>> {
  const found = await store.namespaces.findByPaths(users.map(({ username }) => username));
  return new Map(found.flatMap(({ id, userId }) => (userId === null ? [] : [[userId, id]])));
}

/** By path: the operator's, who may see all. */
export async function findPlaceByPath(
  { store }: Pick<NamespaceDeps, 'store'>,
  path: string,
): Promise<Place> {
  const place =
    (await store.projects.findByPath(path)) ?? (await store.namespaces.findByPath(path));
  if (place === null) {
    throw new AppError('not_found', `There is no project and no namespace ${path}.`);
  }
  return place;
}

/** The same for namespaces alone. */
export async function findNamespaceByPath(
  { store }: Pick<NamespaceDeps, 'store'>,
  path: string,
): Promise<Namespace> {
  const namespace = await store.namespaces.findByPath(path);
  if (namespace === null) {
    throw new AppError('not_found', `There is no namespace ${path}.`);
  }
  return namespace;
}

/** By id: those of these that the actor may know of. */
export async function findVisibleNamespaces(
  { store }: Pick<NamespaceDeps, 'store'>,
  actor: Actor,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Namespace>> {
  const visible = new Map<number, Namespace>();
  for (const namespace of await store.namespaces.findByIds([...new Set(ids)])) {
    if (await isInSight(store, actor, namespace.path)) {
      visible.set(namespace.id, namespace);
    }
  }
  return visible;
}

export type NamespaceSelection = Omit<NamespaceFilter, 'sight'>;

/** Everywhere, by path. */
export const EVERY_NAMESPACE: NamespaceSelection = {
  text: '',
  parent: EVERYWHERE,
  under: null,
  among: null,
  personal: 'too',
  firstOf: null,
};

/** Of those that the actor may know of, by path. */
export async function pageOfNamespaces(
  { store }: Pick<NamespaceDeps, 'store'>,
  actor: Actor,
  filter: NamespaceSelection,
  page: PageRequest,
): Promise<Page<Namespace>> {
  return await store.namespaces.page({ ...filter, sight: projectsInSight(actor) }, page);
}

/** Where the actor may make projects and namespaces: of those whose path has the text, so many at most. */
export async function namespacesToCreateIn(
  deps: Pick<NamespaceDeps, 'store'>,
  actor: Actor,
  text: string,
  atMost: number,
): Promise<readonly Namespace[]> {
  const among = mayCreateBelow(actor);
  const filter = { ...EVERY_NAMESPACE, text, among };
  const request = { limit: atMost, start: { after: null }, total: false } as const;
  return among?.length === 0 ? [] : (await pageOfNamespaces(deps, actor, filter, request)).items;
}
