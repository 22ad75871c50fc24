/** GitLab: lib/api/projects.rb. The name of a project is the last component of its path. */

import { z } from 'zod';
import type { AppError } from '../access/errors.js';
import { VISIBILITIES, type Project } from '../access/project.js';
import { setArchived, setDefaultBranch, setVisibility } from '../services/project-settings.js';
import { createProject, pageOfProjects, removeProject } from '../services/projects.js';
import { endpoint, list, requireUser, type Endpoint } from './endpoint.js';
import { type Refusal, wrongField, wrongParameters } from './errors.js';
import { flag, groupKey, projectKey, text, wordOf } from './parameters.js';
import { requireGroup } from './place-of.js';
import {
  ApiProject,
  OWNER,
  partsOf,
  shownProject as shown,
  shownProjects,
} from './project-answer.js';
import { projectFilters, projectSelection } from './project-filter.js';
import { requireProject } from './project-of.js';
import { requestedPath } from './project-path.js';

const ofProject = { id: projectKey };
const visibility = wordOf(VISIBILITIES);

export const projectEndpoints = [
  list({
    path: '/projects',
    summary: 'The projects that one may see; newest first.',
    forAnonymous: true,
    parameters: projectFilters,
    item: ApiProject,
    async run(deps, { actor, parameters, page }) {
      const found = await pageOfProjects(deps, actor, projectSelection(actor, parameters), page);
      return { ...found, items: await shownProjects(deps, actor, found.items) };
    },
  }),
  list({
    path: '/groups/:id/projects',
    summary: 'The projects right below a group, or anywhere below it; newest first.',
    forAnonymous: true,
    parameters: {
      id: groupKey,
      include_subgroups: flag.optional().describe('`true` for those anywhere below.'),
      ...projectFilters,
    },
    item: ApiProject,
    async run(deps, { actor, parameters, page }) {
      const { path } = await requireGroup(deps, actor, parameters.id);
      const namespace = { path, deep: parameters.include_subgroups === true };
      const selection = projectSelection(actor, parameters, namespace);
      const found = await pageOfProjects(deps, actor, selection, page);
      return { ...found, items: await shownProjects(deps, actor, found.items) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/projects',
    summary: 'Makes a project with an empty repository. Whoever makes it owns it.',
    parameters: {
      path: text.optional().describe('Below the namespace, or the full path.'),
      name: text.optional().describe('Stands for `path` when that is left out.'),
      namespace_path: text.optional().describe("One's own username when left out."),
      namespace_id: groupKey.optional().describe('The same by its number.'),
      visibility: visibility.optional().describe('`private` when left out.'),
      default_branch: text
        .optional()
        .describe('What clones check out; `main` when left out, or the first branch pushed.'),
    },
    status: 201,
    answer: ApiProject,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      const path = await requestedPath(deps, requireUser(actor), parameters);
      const { visibility: level = 'private' } = parameters;
      const input = { path, visibility: level, defaultBranch: branchIn(parameters) };
      const project = await createProject(deps, actor, input);
      // Whoever made it owns it since, which the actor of this request does not know yet.
      const answer = await shown(deps, actor, project);
      return { ...answer, permissions: { ...answer.permissions, project_access: OWNER } };
    },
  }),
  endpoint({
    method: 'get',
    path: '/projects/:id',
    summary: 'One project.',
    forAnonymous: true,
    parameters: ofProject,
    answer: ApiProject,
    async run(deps, { actor, parameters }) {
      return await shown(deps, actor, await requireProject(deps, actor, parameters.id));
    },
  }),
  endpoint({
    method: 'put',
    path: '/projects/:id',
    summary: 'Changes visibility and default branch of a project, archives it, or takes it back.',
    parameters: {
      ...ofProject,
      visibility: visibility.optional(),
      archived: flag.optional(),
      default_branch: text.optional().describe('A branch that is there, unless none is.'),
      path: text.optional().describe('As it is: projects are not moved.'),
      name: text.optional().describe('The same.'),
    },
    answer: ApiProject,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      let project = await requireProject(deps, actor, parameters.id);
      requireChange(project, parameters);
      const branch = branchIn(parameters);
      if (branch !== undefined) {
        project = await setDefaultBranch(deps, actor, project, branch);
      }
      if (parameters.visibility !== undefined) {
        project = await setVisibility(deps, actor, project, parameters.visibility);
      }
      if (parameters.archived !== undefined) {
        const state = parameters.archived ? 'archived' : 'active';
        project = await setArchived(deps, actor, project, state);
      }
      return await shown(deps, actor, project);
    },
  }),
  archiveEndpoint('archive', 'Makes a project read-only; its deploy tokens still pull.'),
  archiveEndpoint('unarchive', 'Lets people push to a project again.'),
  endpoint({
    method: 'delete',
    path: '/projects/:id',
    summary: 'Removes a project. Its deploy tokens die with it; its path stays reserved.',
    parameters: ofProject,
    status: 202,
    answer: z.strictObject({ message: z.literal('202 Accepted') }),
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      await removeProject(deps, actor, project);
      return { message: '202 Accepted' } as const;
    },
  }),
];

function archiveEndpoint(action: 'archive' | 'unarchive', summary: string): Endpoint {
  return endpoint({
    method: 'post',
    path: `/projects/:id/${action}`,
    summary,
    parameters: ofProject,
    status: 201,
    answer: ApiProject,
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      const state = action === 'archive' ? 'archived' : 'active';
      return await shown(deps, actor, await setArchived(deps, actor, project, state));
    },
  });
}

/** glab sends an empty one for none. */
function branchIn(parameters: {
  readonly default_branch?: string | undefined;
}): string | undefined {
  return parameters.default_branch === '' ? undefined : parameters.default_branch;
}

/** A client that sends the whole project back, unchanged but for one thing, is understood. */
function requireChange(
  project: Project,
  parameters: {
    readonly path?: string | undefined;
    readonly name?: string | undefined;
    readonly visibility?: string | undefined;
    readonly archived?: boolean | undefined;
    readonly default_branch?: string | undefined;
  },
): void {
  const { name } = partsOf(project);
  const isMove =
    ![undefined, name, project.path].includes(parameters.path) ||
    ![undefined, name, project.path].includes(parameters.name);
  if (isMove) {
    throw wrongField('path', 'cannot be changed: projects are not moved');
  }
  if (Object.values({ ...parameters, id: undefined }).every((value) => value === undefined)) {
    throw wrongParameters(
      'visibility, archived, default_branch are missing, at least one parameter must be provided',
    );
  }
}

function worded({ code, problems: { path, default_branch: branch } }: AppError): Refusal | null {
  if (branch !== undefined) {
    return wrongField('default_branch', branch);
  }
  if (path === undefined) {
    return null;
  }
  return wrongField('path', code === 'conflict' ? `has already been taken. ${path}` : path);
}
