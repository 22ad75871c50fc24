/** Makes namespaces and projects for what the registry holds and nobody owns. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { pathsAbove } from '../access/tree.js';
import { createProject, type ProjectDeps } from './projects.js';
import {
  planImport,
  planPart,
  type ImportedProject,
  type ImportPart,
  type PartRequest,
  type RegistryImport,
} from './registry-import-plan.js';

/**
 * Makes them: private, without members, and each in a transaction of its own. It can be run again: what
 * is there is left alone.
 */
export async function importRegistry(
  deps: ProjectDeps,
  actor: Actor,
  depth: number,
  made: (project: ImportedProject) => void = () => {},
): Promise<RegistryImport> {
  return await make(deps, actor, await planImport(deps, actor, depth), made);
}

/** The same for a part of it. */
export async function importPart(
  deps: ProjectDeps,
  actor: Actor,
  request: PartRequest,
): Promise<ImportPart> {
  const plan = await planPart(deps, actor, request);
  return { ...(await make(deps, actor, plan)), next: plan.next };
}

async function make(
  deps: ProjectDeps,
  actor: Actor,
  plan: RegistryImport,
  made: (project: ImportedProject) => void = () => {},
): Promise<RegistryImport> {
  const projects: ImportedProject[] = [];
  const unowned = [...plan.unowned];
  for (const project of plan.projects) {
    const problem = await problemOfMaking(deps, actor, project.path);
    if (problem === null) {
      projects.push(project);
      made(project);
    } else {
      const left = { reason: 'taken_meanwhile', why: problem } as const;
      unowned.push(...project.repositories.map((name) => ({ name, ...left })));
    }
  }
  const above = new Set(projects.flatMap(({ path }) => pathsAbove(path)));
  return { namespaces: plan.namespaces.filter((path) => above.has(path)), projects, unowned };
}

/** Null when it is made. Somebody may have made something else since the plan. */
async function problemOfMaking(
  deps: ProjectDeps,
  actor: Actor,
  path: string,
): Promise<string | null> {
  try {
    await createProject(deps, actor, { path, visibility: 'private' });
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') {
      return error.message;
    }
    throw error;
  }
}
