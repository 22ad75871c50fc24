/** The end of a project, and what becomes of its path. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Project } from '../access/project.js';
import { requireAdministrator, requireManage, userIdOf } from './requirements.js';
import { goingFirst, writeAs, writeToProject, type WritingDeps } from './writing.js';

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
  await writeToProject(
    goingFirst(deps),
    actor,
    project,
    async ({ stores, at, record, ...present }) => {
      await stores.deployTokens.revokeByOwner(present.project, at, userIdOf(present.actor));
      await stores.projects.remove(present.project, at);
      const { id, path } = present.project;
      await record({ action: 'project_removed', on: present.project, subject: { id, name: path } });
    },
  );
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
