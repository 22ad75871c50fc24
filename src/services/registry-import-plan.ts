/** Which namespaces and projects an import would make of what the registry holds and nobody owns. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Cursor } from '../access/page.js';
import { projectPathProblem } from '../access/project.js';
import { walkProgress } from '../access/registry-inventory.js';
import { parentOf, pathsAbove } from '../access/tree.js';
import type { Store, Stores } from '../store/open-store.js';
import { everyPage } from './every-page.js';
import { isPersonal } from './namespaces.js';
import { unownedRepositories } from './registry-inventory.js';
import { unownedAmong } from './registry-owners.js';
import { requireAdministrator } from './requirements.js';

export const DEFAULT_DEPTH = 2;

export type UnownedReason =
  | 'one_component'
  | 'no_project_path'
  | 'personal_namespace'
  | 'reserved'
  | 'overlapping'
  | 'taken_meanwhile';

/** One that stays with the administrators. */
export interface LeftUnowned {
  readonly name: string;
  readonly reason: UnownedReason;
  /** As a sentence. */
  readonly why: string;
}

export interface ImportedProject {
  readonly path: string;
  /** What the registry holds of it. */
  readonly repositories: readonly string[];
}

export interface RegistryImport {
  /** Those that were not there, each behind the one above it. */
  readonly namespaces: readonly string[];
  readonly projects: readonly ImportedProject[];
  readonly unowned: readonly LeftUnowned[];
}

export interface PlanDeps {
  readonly store: Store;
}

/**
 * What an import would make. A project's path is the first `depth` components of a repository's name, and
 * more where that is a namespace; a name of fewer components is a path as it is.
 */
export async function planImport(
  { store }: PlanDeps,
  actor: Actor,
  depth: number,
): Promise<RegistryImport> {
  requireAdministrator(actor);
  await requireWalked(store);
  return await planFor(store, await unownedNames(store, actor), depth);
}

export interface ImportPart extends RegistryImport {
  /** Where the next part begins; null on the last one. */
  readonly next: Cursor | null;
}

export interface PartRequest {
  readonly depth: number;
  readonly after: Cursor | null;
  /** Of the registry's names that nobody owns. */
  readonly limit: number;
}

/** The same for a part of it, by name: for pages, which must not look at everything. */
export async function planPart(
  { store }: PlanDeps,
  actor: Actor,
  { depth, after, limit }: PartRequest,
): Promise<ImportPart> {
  requireAdministrator(actor);
  await requireWalked(store);
  const page = await unownedRepositories({ store }, actor, { limit, start: { after } });
  const names = page.items.map(({ name }) => name);
  return { ...(await planFor(store, await withThoseAbove(store, names), depth)), next: page.next };
}

/** What would become of each of these names, which nobody owns: a project's path, or why it is left. */
export async function outlookOf(
  { store }: PlanDeps,
  actor: Actor,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | LeftUnowned>> {
  requireAdministrator(actor);
  const { projects, unowned } = await planFor(
    store,
    await withThoseAbove(store, names),
    DEFAULT_DEPTH,
  );
  return new Map<string, string | LeftUnowned>([
    ...unowned.map((left) => [left.name, left] as const),
    ...projects.flatMap(({ path, repositories }) =>
      repositories.map((name) => [name, path] as const),
    ),
  ]);
}

async function requireWalked({ registryInventory }: Stores): Promise<void> {
  const walk = await registryInventory.walk();
  if (walk.endedAt === null) {
    const progress = walkProgress(walk);
    throw new AppError('conflict', `It is not known yet what the registry holds. ${progress}`);
  }
}

async function planFor(
  store: Store,
  names: readonly string[],
  depth: number,
): Promise<RegistryImport> {
  const planned = new Map<string, string[]>();
  const unowned: LeftUnowned[] = [];
  const obstacles = obstaclesIn(store);
  for (const name of shortFirst(names)) {
    const path =
      pathsAbove(name).find((above) => planned.has(above)) ??
      (await projectPathFor(name, depth, obstacles));
    const obstacle = planned.has(path) ? null : await obstacles.of(path);
    if (obstacle !== null) {
      unowned.push({ name, ...obstacle });
    } else if (planned.get(path)?.push(name) === undefined) {
      planned.set(path, [name]);
    }
  }
  const projects = [...planned].map(([path, repositories]) => ({ path, repositories }));
  return { namespaces: await missingNamespaces(store, projects), projects, unowned };
}

/** A longer one may lie below the project that comes of a short one. */
function shortFirst(names: readonly string[]): string[] {
  return names.toSorted((a, b) => pathsAbove(a).length - pathsAbove(b).length);
}

async function withThoseAbove(store: Store, names: readonly string[]): Promise<string[]> {
  const above = [...new Set(names.flatMap(pathsAbove))];
  const held = await store.registryInventory.findByNames(above);
  const unowned = await unownedAmong(store, held);
  return [...new Set([...unowned.map(({ name }) => name), ...names])];
}

async function unownedNames(store: Store, actor: Actor): Promise<string[]> {
  const names: string[] = [];
  const pages = everyPage(async ({ limit, start }) => {
    const after = 'after' in start ? start.after : null;
    return await unownedRepositories({ store }, actor, { limit, start: { after } });
  });
  for await (const page of pages) {
    names.push(...page.map(({ name }) => name));
  }
  return names;
}

async function projectPathFor(
  name: string,
  depth: number,
  { isNamespace }: Obstacles,
): Promise<string> {
  const paths = [...pathsAbove(name), name].slice(depth - 1);
  for (const path of paths) {
    if (!(await isNamespace(path))) {
      return path;
    }
  }
  return name;
}

type Obstacle = Pick<LeftUnowned, 'reason' | 'why'>;

interface Obstacles {
  readonly isNamespace: (path: string) => Promise<boolean>;
  /** Why no project can be made with this path. */
  readonly of: (path: string) => Promise<Obstacle | null>;
}

/** Each path is looked at once. */
function obstaclesIn(stores: Stores): Obstacles {
  const { namespaces } = stores;
  const isNamespace = remembering(async (path) => (await namespaces.findByPath(path)) !== null);
  const isSomebodys = remembering(async (first) => await isPersonal(stores, first));
  return {
    isNamespace,
    of: remembering(async (path) => await obstacleOf(stores, path, { isNamespace, isSomebodys })),
  };
}

async function obstacleOf(
  { projects }: Stores,
  path: string,
  {
    isNamespace,
    isSomebodys,
  }: Record<'isNamespace' | 'isSomebodys', (path: string) => Promise<boolean>>,
): Promise<Obstacle | null> {
  const problem = projectPathProblem(path);
  if (problem !== null) {
    return {
      reason: parentOf(path) === null ? 'one_component' : 'no_project_path',
      why: `${problem} Give it to a project as an image prefix.`,
    };
  }
  const [first = ''] = path.split('/');
  if (await isSomebodys(first)) {
    return {
      reason: 'personal_namespace',
      why: `${first} is a username: an import places nothing in the namespace of a person.`,
    };
  }
  if ((await projects.findReserved(path)) !== null) {
    return {
      reason: 'reserved',
      why: `${path} is reserved, as a whole or in part, for the images of a removed project.`,
    };
  }
  const inTheWay = await projects.findPrefixInTheWay(path);
  if (inTheWay !== null) {
    return {
      reason: 'overlapping',
      why: `A project ${path} would overlap ${inTheWay}, which a project owns.`,
    };
  }
  return (await isNamespace(path))
    ? { reason: 'overlapping', why: `${path} is a namespace.` }
    : null;
}

function remembering<T>(find: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return async (path) => {
    const found = known.get(path) ?? find(path);
    known.set(path, found);
    return await found;
  };
}

async function missingNamespaces(
  { namespaces }: Stores,
  projects: readonly ImportedProject[],
): Promise<string[]> {
  const above = [...new Set(projects.flatMap(({ path }) => pathsAbove(path)))];
  const known = await namespaces.findByPaths(above);
  const keys = new Set(known.map(({ path }) => path.toLowerCase()));
  return above.filter((path) => !keys.has(path)).toSorted();
}
