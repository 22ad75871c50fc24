/** The repository names that a project owns beyond its path: images that were there before it. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { MAX_COMPONENTS, namespaceOf, type Project } from '../access/project.js';
import { isRepositoryName } from '../access/repository-name.js';
import type { Store, Stores } from '../store/open-store.js';
import { requireAdministrator, requireSeeSettings } from './requirements.js';
import { goingFirst, writeToProject, type Deed, type WritingDeps } from './writing.js';

/** Of one project, besides its own path. */
const MOST_PREFIXES = 100;

/** Sorted; without the project's own path. */
export async function imagePrefixesOf(
  { store }: { readonly store: Pick<Store, 'projects'> },
  actor: Actor,
  project: Project,
): Promise<readonly string[]> {
  requireSeeSettings(actor, project);
  return await store.projects.imagePrefixesOf(project.id);
}

/** For administrators: whoever has the prefix reads all that the registry holds there. Gives it in lower case. */
export async function addImagePrefix(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
  name: string,
): Promise<string> {
  requireAdministrator(actor);
  const prefix = namespaceOf(name);
  if (/[^\x20-\x7e]/.test(name) || !isRepositoryName(prefix)) {
    throw new AppError(
      'invalid_input',
      'An image prefix is the name of a repository, without the host and without a tag, such as postgres or legacy/api.',
      { field: 'prefix' },
    );
  }
  if (prefix.split('/').length > MAX_COMPONENTS) {
    throw new AppError(
      'invalid_input',
      `An image prefix has at most ${MAX_COMPONENTS} components. Give the project one above it.`,
      { field: 'prefix' },
    );
  }
  await writeToProject(deps, actor, project, async ({ actor: present, stores, ...writing }) => {
    requireAdministrator(present);
    if ((await stores.projects.imagePrefixesOf(project.id)).length >= MOST_PREFIXES) {
      throw new AppError('conflict', `A project has at most ${MOST_PREFIXES} image prefixes.`);
    }
    await requireUnowned(stores, prefix);
    await stores.projects.addImagePrefix(writing.project.id, prefix);
    await writing.record(deed('image_prefix_added', writing.project, prefix));
  });
  return prefix;
}

/** What is in the way is not named. Where a namespace is, or a user, others make projects of their own. */
async function requireUnowned(
  { projects, namespaces, users }: Pick<Stores, 'projects' | 'namespaces' | 'users'>,
  prefix: string,
): Promise<void> {
  const isTaken =
    (await projects.findPrefixInTheWay(prefix)) !== null ||
    (await namespaces.findByPath(prefix)) !== null ||
    (!prefix.includes('/') && (await users.findByUsername(prefix)) !== null);
  if (isTaken) {
    throw new AppError(
      'conflict',
      `The prefix ${prefix} equals, lies above or lies below a path or prefix that is in use or reserved.`,
      { field: 'prefix' },
    );
  }
}

/** From then on nobody owns the images there, which leaves them to administrators. Nothing is reserved. */
export async function removeImagePrefix(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
  name: string,
): Promise<void> {
  requireAdministrator(actor);
  const prefix = namespaceOf(name);
  await writeToProject(goingFirst(deps), actor, project, async ({ stores, ...writing }) => {
    requireAdministrator(writing.actor);
    const { id, path } = writing.project;
    if (prefix === namespaceOf(path)) {
      throw new AppError('invalid_input', `${path} is the project's own path, and stays its own.`, {
        field: 'prefix',
      });
    }
    if (!(await stores.projects.removeImagePrefix(id, prefix))) {
      throw new AppError('not_found', `${path} has no image prefix ${prefix}.`);
    }
    await writing.record(deed('image_prefix_removed', writing.project, prefix));
  });
}

function deed(
  action: 'image_prefix_added' | 'image_prefix_removed',
  project: Project,
  prefix: string,
): Deed {
  return { action, on: project, subject: { id: project.id, name: project.path }, detail: prefix };
}
