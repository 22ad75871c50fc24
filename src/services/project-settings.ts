import type { Actor } from '../access/actor.js';
import type { AuditAction } from '../access/audit-event.js';
import { branchNameProblem } from '../access/branch-name.js';
import { AppError } from '../access/errors.js';
import type { Project, Visibility } from '../access/project.js';
import type { Repositories } from '../repositories/repositories.js';
import { requireManage } from './requirements.js';
import { goingFirst, writeToProject, type Deed, type WritingDeps } from './writing.js';

export async function setVisibility(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
  visibility: Visibility,
): Promise<Project> {
  requireManage(actor, project);
  return await writeToProject(
    deps,
    actor,
    project,
    async ({ stores, record, project: present }) => {
      await stores.projects.setVisibility(present.id, visibility);
      await record(projectDeed(present, 'project_visibility_changed', visibility));
      return { ...present, visibility };
    },
  );
}

/** What clones check out. An empty repository can name one that is yet to be pushed. */
export async function setDefaultBranch(
  deps: WritingDeps & { readonly repositories: Repositories },
  actor: Actor,
  project: Project,
  branch: string,
): Promise<Project> {
  requireManage(actor, project);
  requireBranchName(branch);
  if ((await deps.repositories.describe(project.id)).defaultBranch === branch) {
    return project;
  }
  return await writeToProject(deps, actor, project, async ({ record, project: present }) => {
    await record(projectDeed(present, 'project_default_branch_changed', branch));
    if (!(await deps.repositories.setDefaultBranch(present.id, branch))) {
      throw new AppError('invalid_input', `There is no branch ${branch} in the repository.`, {
        field: 'default_branch',
      });
    }
    return present;
  });
}

/** An archived project is read-only: nobody pushes; its deploy tokens still pull. */
export async function setArchived(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
  archived: 'archived' | 'active',
): Promise<Project> {
  requireManage(actor, project);
  const action = archived === 'archived' ? 'project_archived' : 'project_unarchived';
  return await writeToProject(
    goingFirst(deps),
    actor,
    project,
    async ({ stores, at, record, ...writing }) => {
      const archivedAt = archived === 'archived' ? (writing.project.archivedAt ?? at) : null;
      await stores.projects.setArchivedAt(project.id, archivedAt);
      await record(projectDeed(writing.project, action));
      return { ...writing.project, archivedAt };
    },
  );
}

export function requireBranchName(name: string): void {
  const problem = branchNameProblem(name);
  if (problem !== null) {
    throw new AppError('invalid_input', problem, { field: 'default_branch' });
  }
}

/** Of a project as a whole. */
export function projectDeed(project: Project, action: AuditAction, detail = ''): Deed {
  return { action, on: project, subject: { id: project.id, name: project.path }, detail };
}
