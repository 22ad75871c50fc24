import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { VISIBILITIES, type Project } from '../access/project.js';
import { ROLE_LEVELS, type Role } from '../access/role.js';
import type { ApiDeps } from './endpoint.js';

const Access = z.strictObject({ access_level: z.int(), notification_level: z.int() });

export const ApiProject = z
  .strictObject({
    id: z.int(),
    description: z.null(),
    name: z.string(),
    name_with_namespace: z.string(),
    path: z.string(),
    path_with_namespace: z.string(),
    created_at: z.iso.datetime(),
    default_branch: z.string(),
    tag_list: z.array(z.string()),
    topics: z.array(z.string()),
    ssh_url_to_repo: z.null(),
    http_url_to_repo: z.url(),
    web_url: z.url(),
    readme_url: z.null(),
    avatar_url: z.null(),
    forks_count: z.int(),
    star_count: z.int(),
    last_activity_at: z.null(),
    namespace: z.strictObject({
      id: z.null().describe('Namespaces have no numbers here.'),
      name: z.string(),
      path: z.string(),
      kind: z.literal('group'),
      full_path: z.string(),
      parent_id: z.null(),
      avatar_url: z.null(),
      web_url: z.null(),
    }),
    empty_repo: z.boolean(),
    archived: z.boolean(),
    visibility: z.enum(VISIBILITIES),
    container_registry_enabled: z.literal(true),
    container_registry_access_level: z.literal('enabled'),
    container_registry_image_prefix: z.string(),
    issues_enabled: z.literal(false),
    merge_requests_enabled: z.literal(false),
    wiki_enabled: z.literal(false),
    jobs_enabled: z.literal(false),
    snippets_enabled: z.literal(false),
    permissions: z.strictObject({
      project_access: Access.nullable(),
      group_access: z.null(),
    }),
  })
  .meta({ id: 'Project' });

export function partsOf({ path }: Project): { readonly namespace: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

export async function shownProject(
  { repositories, publicUrl, registryHost }: ApiDeps,
  actor: Actor,
  project: Project,
): Promise<z.input<typeof ApiProject>> {
  const { id, path, visibility: level, archivedAt, createdAt } = project;
  const { namespace, name } = partsOf(project);
  const { defaultBranch, isEmpty } = await repositories.describe(id);
  const role = actor.kind === 'user' ? actor.roles.projects.get(id) : undefined;
  return {
    id,
    description: null,
    name,
    name_with_namespace: path.split('/').join(' / '),
    path: name,
    path_with_namespace: path,
    created_at: createdAt.toISOString(),
    default_branch: defaultBranch,
    tag_list: [],
    topics: [],
    ssh_url_to_repo: null,
    http_url_to_repo: `${publicUrl}/${path}.git`,
    web_url: `${publicUrl}/${path}`,
    readme_url: null,
    avatar_url: null,
    forks_count: 0,
    star_count: 0,
    last_activity_at: null,
    namespace: {
      id: null,
      name: namespace.slice(namespace.lastIndexOf('/') + 1),
      path: namespace.slice(namespace.lastIndexOf('/') + 1),
      kind: 'group',
      full_path: namespace,
      parent_id: null,
      avatar_url: null,
      web_url: null,
    },
    empty_repo: isEmpty,
    archived: archivedAt !== null,
    visibility: level,
    container_registry_enabled: true,
    container_registry_access_level: 'enabled',
    container_registry_image_prefix: `${registryHost}/${path.toLowerCase()}`,
    issues_enabled: false,
    merge_requests_enabled: false,
    wiki_enabled: false,
    jobs_enabled: false,
    snippets_enabled: false,
    permissions: permissionsOf(role),
  };
}

export function permissionsOf(role: Role | undefined): z.input<typeof ApiProject>['permissions'] {
  return {
    project_access:
      role === undefined ? null : { access_level: ROLE_LEVELS[role], notification_level: 3 },
    group_access: null,
  };
}
