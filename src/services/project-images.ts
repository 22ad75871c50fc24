import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import { isAllowed } from '../access/permissions.js';
import { namespaceOf, type Project } from '../access/project.js';
import { prefixesOf } from '../access/repository-name.js';
import type { Stores } from '../store/open-store.js';
import type { ImageTags, TagList } from './image-tags.js';

export interface ProjectImagesDeps {
  readonly store: Pick<Stores, 'projects' | 'registryInventory'>;
  readonly imageTags: ImageTags;
}

export interface ProjectImage {
  /** `tanuki/awesome_project`, without the registry's host. */
  readonly repository: string;
  /** Null while the registry cannot be read. */
  readonly tags: TagList | null;
}

export interface ProjectImages extends Page<ProjectImage> {
  /** Whether the registry has answered everything, so that what is not here is not there. */
  readonly isWhole: boolean;
}

/**
 * The images of a project, for those who may pull them, by name. An image of the project's own path is
 * there at once; others are from the next walk through the registry on.
 */
export async function imagesOf(
  { store, imageTags }: ProjectImagesDeps,
  actor: Actor,
  project: Project,
  request: PageRequest,
): Promise<ProjectImages> {
  requirePull(actor, project);
  const own = await namesOf(store, project);
  const page = await store.registryInventory.page({ within: own, text: '' }, request);
  const known = page.items.map(({ name }) => name);
  const perhaps = isFirst(request) ? await notWalked(store, own) : [];
  const read = await imageTags.read([...perhaps, ...known]);
  const found = perhaps.filter((name) => typeof read.get(name) === 'object');
  const items = [...found, ...known]
    .filter((name) => read.get(name) !== 'absent')
    .map((repository) => ({ repository, tags: tagsIn(read.get(repository)) }));
  const isWhole = [...read.values()].every((answer) => answer !== 'unreadable');
  return { ...page, items, isWhole };
}

/** One of them; null for what the project does not own, or the registry is not known to hold. */
export async function imageOf(
  { store, imageTags }: ProjectImagesDeps,
  actor: Actor,
  project: Project,
  repository: string,
): Promise<ProjectImage | null> {
  requirePull(actor, project);
  const own = await namesOf(store, project);
  const isOwn = prefixesOf(repository).some((prefix) => own.includes(prefix));
  // Names that somebody made up are not asked for.
  const isKnown =
    own.includes(repository) ||
    (await store.registryInventory.findByNames([repository])).length > 0;
  if (!isOwn || !isKnown) {
    return null;
  }
  const read = (await imageTags.read([repository])).get(repository);
  return read === 'absent' ? null : { repository, tags: tagsIn(read) };
}

function requirePull(actor: Actor, project: Project): void {
  if (!isAllowed(actor, 'pull_image', project)) {
    throw new AppError('forbidden', 'You may not pull the images of this project.');
  }
}

/** Its path and its image prefixes. */
async function namesOf(
  { projects }: ProjectImagesDeps['store'],
  { id, path }: Project,
): Promise<readonly string[]> {
  return [namespaceOf(path), ...(await projects.imagePrefixesOf(id))];
}

function isFirst({ start }: PageRequest): boolean {
  return 'offset' in start ? start.offset === 0 : start.after === null;
}

/** Those of these names that the last walk has not found. */
async function notWalked(
  { registryInventory }: ProjectImagesDeps['store'],
  names: readonly string[],
): Promise<string[]> {
  const walked = new Set((await registryInventory.findByNames(names)).map(({ name }) => name));
  return names.filter((name) => !walked.has(name));
}

function tagsIn(read: TagList | 'absent' | 'unreadable' | undefined): TagList | null {
  return typeof read === 'object' ? read : null;
}
