/** GitLab: lib/api/projects.rb. */

import { z } from 'zod';
import type { ProjectDetails } from '../access/details.js';
import { AppError } from '../access/errors.js';
import { VISIBILITIES, type Project } from '../access/project.js';
import { MAX_TEXT, setProjectDetails } from '../services/details.js';
import { removeProject } from '../services/project-removal.js';
import { removeForGood } from './project-removal.js';
import { setArchived, setDefaultBranch, setVisibility } from '../services/project-settings.js';
import { createProject, pageOfProjects } from '../services/projects.js';
import { endpoint, list, requireUser, type Endpoint } from './endpoint.js';
import { type Refusal, wrongField, wrongFields } from './errors.js';
import {
  blankToo,
  filled,
  flag,
  groupKey,
  label,
  projectKey,
  shorterThan,
  text,
  wordOf,
} from './parameters.js';
import { projectSettings } from './kept-settings.js';
import { requireGroup } from './place-of.js';
import {
  ApiProject,
  OWNER,
  partsOf,
  shownProject as shown,
  shownProjects,
} from './project-answer.js';
import { OTHER_PROJECT_FILTERS, projectFilters, projectSelection } from './project-filter.js';
import { requireProject } from './project-of.js';
import { requestedPath } from './project-path.js';

const ofProject = { id: projectKey };
const visibility = wordOf(VISIBILITIES);
const details = {
  description: blankToo(shorterThan(MAX_TEXT).optional()),
  ...projectSettings.parameters,
};

export const projectEndpoints = [
  list({
    path: '/projects',
    summary: 'The projects that one may see; newest first.',
    forAnonymous: true,
    parameters: projectFilters,
    refused: OTHER_PROJECT_FILTERS,
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
    refused: OTHER_PROJECT_FILTERS,
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
    bodyRule: {
      anyOf: [{ required: ['path'] }, { required: ['name'] }],
      not: { required: ['namespace_path', 'namespace_id'] },
    },
    parameters: {
      path: filled.optional().describe('Below the namespace, or the full path.'),
      name: label.optional().describe('For people; `path` is made of it when that is left out.'),
      ...details,
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
      const input = {
        path,
        visibility: parameters.visibility ?? 'private',
        defaultBranch: branchIn(parameters),
        details: detailsIn(parameters),
      } as const;
      const project = await createProject(deps, actor, input).catch(
        parameters.path === undefined ? toldOfName : thrownOn,
      );
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
    summary: 'Changes what is said of a project and who sees it, archives it, or takes it back.',
    parameters: {
      ...ofProject,
      visibility: visibility.optional(),
      archived: flag.optional(),
      default_branch: text.optional().describe('A branch that is there, unless none is.'),
      path: text.optional().describe('As it is: projects are not moved.'),
      name: label.optional().describe('For people; the path stays.'),
      ...details,
    },
    answer: ApiProject,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      let project = await requireProject(deps, actor, parameters.id);
      requireSamePath(project, parameters.path);
      const branch = branchIn(parameters);
      if (branch !== undefined) {
        project = await setDefaultBranch(deps, actor, project, branch);
      }
      project = await setProjectDetails(deps, actor, project, detailsIn(parameters));
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
    parameters: {
      ...ofProject,
      permanently_remove: flag
        .optional()
        .describe(
          '`true` lets the path be used again: by administrators, and by owners if the registry holds none of its images.',
        ),
      full_path: text.optional().describe('That of the project, with `permanently_remove`.'),
    },
    status: 202,
    answer: z.strictObject({ message: z.literal('202 Accepted') }),
    async run(deps, { actor, parameters: { id: key, ...parameters } }) {
      if (parameters.permanently_remove === true) {
        await removeForGood(deps, actor, { key, fullPath: parameters.full_path });
      } else {
        await removeProject(deps, actor, await requireProject(deps, actor, key));
      }
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

/** What was not given is left out, and so stays as it is. */
function detailsIn(given: {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}): Partial<ProjectDetails> {
  return {
    ...(given.name !== undefined && { name: given.name }),
    ...(given.description !== undefined && { description: given.description }),
    settings: projectSettings.given(given),
  };
}

/** A client that sends the whole project back, unchanged but for one thing, is understood. */
function requireSamePath(project: Project, given: string | undefined): void {
  if (![undefined, partsOf(project).name, project.path].includes(given)) {
    throw wrongField('path', 'cannot be changed: projects are not moved');
  }
}

/** A path that was made of the name is wrong as a name. */
function toldOfName(error: unknown): never {
  const problem = error instanceof AppError ? error.problems['path'] : undefined;
  throw problem === undefined ? error : wrongField('name', problem);
}

function thrownOn(error: unknown): never {
  throw error;
}

function worded({ code, problems }: AppError): Refusal | null {
  const { path } = problems;
  if (path !== undefined) {
    return wrongField('path', code === 'conflict' ? `has already been taken. ${path}` : path);
  }
  return code === 'invalid_input' ? wrongFields(problems) : null;
}
