import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { namespaceOf, VISIBILITIES, type Project } from '../access/project.js';
import { roleInNamespace, ROLE_LEVELS, type Role } from '../access/role.js';
import { parentOf } from '../access/tree.js';
import type { ProjectDetails } from '../access/details.js';
import { detailsOfProjects } from '../services/details.js';
import { namespacesAbove } from '../services/namespaces.js';
import type { ApiDeps } from './endpoint.js';
import { notFound } from './errors.js';
import { projectSettings } from './kept-settings.js';
import { ApiNamespace, shownNamespace, type NamespacesByPath } from './namespace-answer.js';

const Access = z.strictObject({ access_level: z.int(), notification_level: z.int() });

export const ApiProject = z
  .strictObject({
    id: z.int(),
    description: z.string(),
    name: z.string(),
    name_with_namespace: z.string(),
    path: z.string(),
    path_with_namespace: z.string(),
    created_at: z.iso.datetime(),
    default_branch: z.string(),
    ssh_url_to_repo: z.url().describe('The address by HTTP: there is no SSH.'),
    http_url_to_repo: z.url(),
    web_url: z.url(),
    readme_url: z.null(),
    avatar_url: z.null(),
    forks_count: z.int(),
    star_count: z.int(),
    last_activity_at: z.iso.datetime().describe('When it was made.'),
    namespace: ApiNamespace,
    empty_repo: z.boolean(),
    import_status: z.literal('none'),
    archived: z.boolean(),
    visibility: z.enum(VISIBILITIES),
    container_registry_image_prefix: z.string(),
    ...projectSettings.answers,
    permissions: z.strictObject({
      project_access: Access.nullable(),
      group_access: Access.nullable().describe('By a role in a namespace above.'),
    }),
  })
  .meta({ id: 'Project' });

export function partsOf({ path }: Project): { readonly namespace: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

export async function shownProjects(
  deps: ApiDeps,
  actor: Actor,
  projects: readonly Project[],
): Promise<z.input<typeof ApiProject>[]> {
  const above = await namespacesAbove(deps, projects);
  const details = await detailsOfProjects(deps, projects);
  return await Promise.all(
    projects.map(async (project) => await shownIn(deps, actor, project, { above, details })),
  );
}

export async function shownProject(
  deps: ApiDeps,
  actor: Actor,
  project: Project,
): Promise<z.input<typeof ApiProject>> {
  const above = await namespacesAbove(deps, [project]);
  const details = await detailsOfProjects(deps, [project]);
  return await shownIn(deps, actor, project, { above, details });
}

async function shownIn(
  deps: ApiDeps,
  actor: Actor,
  project: Project,
  {
    above,
    details,
  }: {
    readonly above: NamespacesByPath;
    readonly details: ReadonlyMap<number, ProjectDetails>;
  },
): Promise<z.input<typeof ApiProject>> {
  const { repositories, publicUrl, registryHost } = deps;
  const { id, path, visibility: level, archivedAt, createdAt } = project;
  const { namespace, name: ownPath } = partsOf(project);
  const parent = above.get(namespaceOf(namespace));
  const told = details.get(id);
  if (parent === undefined || told === undefined) {
    // What is not empty is not removed: the project went first, while this was answered.
    throw notFound('Project');
  }
  const { defaultBranch, isEmpty } = await repositories.describe(id);
  const cloneUrl = `${publicUrl}/${path}.git`;
  return {
    ...projectSettings.shown(told.settings),
    id,
    description: told.description,
    name: told.name,
    name_with_namespace: [...namespace.split('/'), told.name].join(' / '),
    path: ownPath,
    path_with_namespace: path,
    created_at: createdAt.toISOString(),
    default_branch: defaultBranch,
    // What glab clones by, unless it is told otherwise.
    ssh_url_to_repo: cloneUrl,
    http_url_to_repo: cloneUrl,
    web_url: `${publicUrl}/${path}`,
    readme_url: null,
    avatar_url: null,
    forks_count: 0,
    star_count: 0,
    last_activity_at: createdAt.toISOString(),
    namespace: shownNamespace(deps, parent, above),
    empty_repo: isEmpty,
    import_status: 'none',
    archived: archivedAt !== null,
    visibility: level,
    container_registry_image_prefix: `${registryHost}/${path.toLowerCase()}`,
    permissions: permissionsOf(actor, project),
  };
}

function permissionsOf(
  actor: Actor,
  { id, path }: Project,
): z.input<typeof ApiProject>['permissions'] {
  if (actor.kind !== 'user') {
    return { project_access: null, group_access: null };
  }
  const above = parentOf(path);
  return {
    project_access: accessOf(actor.roles.projects.get(id)),
    group_access: accessOf(above === null ? undefined : roleInNamespace(actor.roles, above)),
  };
}

function accessOf(role: Role | undefined): z.input<typeof Access> | null {
  return role === undefined ? null : { access_level: ROLE_LEVELS[role], notification_level: 3 };
}

export const OWNER = accessOf('owner');
