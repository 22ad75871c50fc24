/** `DELETE /projects/:id` with `permanently_remove`, which GitLab 18 sends after one without it. */

import type { Actor } from '../access/actor.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import { freePath, removeProjectAndPath } from '../services/project-removal.js';
import type { ApiDeps } from './endpoint.js';
import { notFound, wrongParameters } from './errors.js';
import { findProject } from './project-of.js';

export interface RemovalInput {
  readonly key: string;
  /** So that nobody removes for good what they took for something else. */
  readonly fullPath: string | undefined;
}

export async function removeForGood(
  deps: ApiDeps,
  actor: Actor,
  { key, fullPath }: RemovalInput,
): Promise<void> {
  if (fullPath === undefined) {
    throw wrongParameters('full_path is missing');
  }
  const project = await findProject(deps, actor, key);
  if (project === null) {
    await freeRemoved(deps, actor, { key, fullPath });
    return;
  }
  if (project.path !== fullPath) {
    throw wrongParameters('full_path is not that of the project');
  }
  await removeProjectAndPath(deps, actor, project);
}

/** For administrators: the second step, when the project is gone already. */
async function freeRemoved(
  deps: ApiDeps,
  actor: Actor,
  { key, fullPath }: { readonly key: string; readonly fullPath: string },
): Promise<void> {
  const removed = isAllowedOnInstance(actor, 'administer')
    ? await deps.store.projects.findIdByPath(fullPath)
    : null;
  if (removed === null || ![String(removed), fullPath].includes(key)) {
    throw notFound('Project');
  }
  await freePath(deps, actor, fullPath);
}
