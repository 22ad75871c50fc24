/** The end of a project, and what becomes of its path. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { mayFreePath } from '../access/path-return.js';
import { namespaceOf, type Project } from '../access/project.js';
import type { Store } from '../store/open-store.js';
import { requireAdministrator, requireManage, userIdOf } from './requirements.js';
import { goingFirst, writeAs, writeToProject, type Writing, type WritingDeps } from './writing.js';

const REGISTRY_MS = 10_000;

/** What the registry itself says, now: what a walk through it found is minutes old. */
export interface Registry {
  /** Whether there is a repository of this name, or below it. */
  readonly holds: (name: string, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Its deploy tokens die with it. Its path stays reserved, since the registry still holds its images:
 * the next owner of the path would read them.
 */
export async function removeProject(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
): Promise<void> {
  requireManage(actor, project);
  await writeToProject(goingFirst(deps), actor, project, remove);
}

/**
 * The same, and the path can be used again at once. Unless an administrator does it, the registry must
 * hold nothing of the project.
 */
export async function removeProjectAndPath(
  deps: WritingDeps & { readonly registry: Registry; readonly store: Pick<Store, 'projects'> },
  actor: Actor,
  project: Project,
): Promise<void> {
  requireManage(actor, project);
  const names = await prefixesToEmpty(deps.store, actor, project);
  await requireEmpty(deps.registry, names);
  await writeToProject(goingFirst(deps), actor, project, async (writing) => {
    const { stores, record, project: present } = writing;
    const now = await prefixesToEmpty(stores, writing.actor, present);
    if (now.some((name) => !names.includes(name))) {
      throw new AppError(
        'conflict',
        `The image prefixes of ${present.path} have changed meanwhile.`,
      );
    }
    await remove(writing);
    await stores.projects.freePathsOf(present.id);
    await record({ action: 'project_path_freed', subject: { id: null, name: present.path } });
  });
}

/** Gives the path of a removed project back, once its images are gone from the registry. */
export async function freePath(deps: WritingDeps, actor: Actor, path: string): Promise<void> {
  requireAdministrator(actor);
  await writeAs(deps, actor, async ({ stores, actor: present, record }) => {
    requireAdministrator(present);
    if (!(await stores.projects.freePath(path))) {
      throw new AppError('not_found', `The path ${path} is not reserved.`);
    }
    await record({ action: 'project_path_freed', subject: { id: null, name: path } });
  });
}

async function remove({
  stores,
  at,
  record,
  actor,
  project,
}: Writing & { readonly project: Project }): Promise<void> {
  await stores.deployTokens.revokeByOwner(project, at, userIdOf(actor));
  await stores.projects.remove(project, at);
  const subject = { id: project.id, name: project.path };
  await record({ action: 'project_removed', on: project, subject });
}

/** Where the registry must hold nothing, for this actor to give the path back. */
async function prefixesToEmpty(
  { projects }: Pick<Store, 'projects'>,
  actor: Actor,
  project: Project,
): Promise<readonly string[]> {
  switch (mayFreePath(actor, project)) {
    case 'at_once':
      return [];
    case 'if_empty':
      return [namespaceOf(project.path), ...(await projects.imagePrefixesOf(project.id))];
    case null:
      throw new AppError(
        'forbidden',
        'Only owners of the project and administrators may give its path back.',
      );
  }
}

async function requireEmpty({ holds }: Registry, names: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(REGISTRY_MS);
  for (const name of names) {
    if (await holds(name, signal)) {
      throw new AppError(
        'conflict',
        `The registry still holds images of ${name}: delete them first, or have the project removed and its path stay reserved.`,
      );
    }
  }
}
