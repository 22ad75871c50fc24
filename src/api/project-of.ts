import type { Actor } from '../access/actor.js';
import type { Project } from '../access/project.js';
import { findVisibleProject, type ProjectDeps } from '../services/projects.js';
import { notFound } from './errors.js';

/** By number or path. A project that is hidden and one that does not exist are the same 404. */
export async function requireProject(
  deps: Pick<ProjectDeps, 'store'>,
  actor: Actor,
  key: string,
): Promise<Project> {
  const project = await findProject(deps, actor, key);
  if (project === null) {
    throw notFound('Project');
  }
  return project;
}

export async function findProject(
  deps: Pick<ProjectDeps, 'store'>,
  actor: Actor,
  key: string,
): Promise<Project | null> {
  const number = /^\d{1,10}$/.test(key) ? Number(key) : null;
  return await findVisibleProject(deps, actor, number ?? key);
}
