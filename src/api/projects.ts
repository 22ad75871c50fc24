/** GitLab: lib/api/projects.rb. The name of a project is the last component of its path. */

import { z } from 'zod';
import type { AppError } from '../access/errors.js';
import { VISIBILITIES, type Project } from '../access/project.js';
import { ROLE_LEVELS, ROLES } from '../access/role.js';
import type { Actor } from '../access/actor.js';
import {
  createProject,
  pageOfProjects,
  removeProject,
  setArchived,
  setVisibility,
  type ProjectSelection,
} from '../services/projects.js';
import { endpoint, list, requireUser, type Endpoint } from './endpoint.js';
import { type Refusal, wrongField, wrongParameters } from './errors.js';
import { flag, integer, projectKey, text, wordOf } from './parameters.js';
import { ApiProject, partsOf, permissionsOf, shownProject as shown } from './project-answer.js';
import { requireProject } from './project-of.js';
import { requestedPath } from './project-path.js';

const ofProject = { id: projectKey };
const visibility = wordOf(VISIBILITIES);

export const projectEndpoints = [
  list({
    path: '/projects',
    summary: 'The projects that one may see; newest first.',
    forAnonymous: true,
    parameters: {
      search: text.optional().describe('In the path.'),
      visibility: visibility.optional(),
      archived: flag.optional(),
      membership: flag.optional().describe('`true` for those that one is a member of.'),
      owned: flag.optional().describe('`true` for those that one owns.'),
      min_access_level: integer.optional().describe('With at least this role.'),
      order_by: wordOf([
        'id',
        'name',
        'path',
        'created_at',
        'updated_at',
        'last_activity_at',
      ]).optional(),
      sort: wordOf(['asc', 'desc']).optional(),
    },
    item: ApiProject,
    async run(deps, { actor, parameters, page }) {
      const byPath = ['name', 'path'].includes(parameters.order_by ?? '');
      const filter = {
        text: parameters.search ?? '',
        visibility: parameters.visibility ?? null,
        archived: parameters.archived ?? null,
        membership: membershipOf(actor, parameters),
        namespace: null,
        order: {
          by: byPath ? 'path' : 'id',
          direction: parameters.sort === 'asc' ? 'ASC' : 'DESC',
        },
      } as const;
      const found = await pageOfProjects(deps, actor, filter, page);
      const items = await Promise.all(
        found.items.map(async (project) => await shown(deps, actor, project)),
      );
      return { ...found, items };
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
      namespace_id: text.optional().describe('The same; a path, since namespaces have no numbers.'),
      visibility: visibility.optional().describe('`private` when left out.'),
    },
    status: 201,
    answer: ApiProject,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      const path = requestedPath(parameters, requireUser(actor).user.username);
      const input = { path, visibility: parameters.visibility ?? 'private' } as const;
      const project = await createProject(deps, actor, input);
      // Whoever made it owns it since, which the actor of this request does not know yet.
      return { ...(await shown(deps, actor, project)), permissions: permissionsOf('owner') };
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
    summary: 'Changes the visibility of a project, archives it, or takes it back.',
    parameters: {
      ...ofProject,
      visibility: visibility.optional(),
      archived: flag.optional(),
      path: text.optional().describe('As it is: projects are not moved.'),
      name: text.optional().describe('The same.'),
    },
    answer: ApiProject,
    async run(deps, { actor, parameters }) {
      let project = await requireProject(deps, actor, parameters.id);
      requireChange(project, parameters);
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

function membershipOf(
  actor: Actor,
  parameters: {
    readonly membership?: boolean | undefined;
    readonly owned?: boolean | undefined;
    readonly min_access_level?: number | undefined;
  },
): ProjectSelection['membership'] {
  const { membership = false, owned = false, min_access_level: least = 0 } = parameters;
  if (!membership && !owned && least === 0) {
    return null;
  }
  const level = owned ? ROLE_LEVELS.owner : least;
  const roles = ROLES.filter((role) => ROLE_LEVELS[role] >= level);
  return { userId: requireUser(actor).user.id, roles };
}

/** A client that sends the whole project back, unchanged but for one thing, is understood. */
function requireChange(
  project: Project,
  parameters: {
    readonly path?: string | undefined;
    readonly name?: string | undefined;
    readonly visibility?: string | undefined;
    readonly archived?: boolean | undefined;
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
      'visibility, archived are missing, at least one parameter must be provided',
    );
  }
}

function worded({ code, problems: { path } }: AppError): Refusal | null {
  if (path === undefined) {
    return null;
  }
  return wrongField('path', code === 'conflict' ? `has already been taken. ${path}` : path);
}
