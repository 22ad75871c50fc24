import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import { isAllowed } from '../access/permissions.js';
import { namespaceOf, type Project } from '../access/project.js';
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

/**
 * The images of a project, for those who may pull them, by name. An image of the project's own path is
 * there at once; others are from the next walk through the registry on.
 */
export async function imagesOf(
  { store, imageTags }: ProjectImagesDeps,
  actor: Actor,
  project: Project,
  request: PageRequest,
): Promise<Page<ProjectImage>> {
  if (!isAllowed(actor, 'pull_image', project)) {
    throw new AppError('forbidden', 'You may not pull the images of this project.');
  }
  const own = [namespaceOf(project.path), ...(await store.projects.imagePrefixesOf(project.id))];
  const page = await store.registryInventory.page({ within: own, text: '' }, request);
  const known = page.items.map(({ name }) => name);
  const perhaps = isFirst(request) ? await notWalked(store, own) : [];
  const read = await imageTags.read([...perhaps, ...known]);
  const found = perhaps.filter((name) => typeof read.get(name) === 'object');
  const items = [...found, ...known]
    .filter((name) => read.get(name) !== 'absent')
    .map((repository) => ({ repository, tags: tagsIn(read.get(repository)) }));
  return { ...page, items };
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
