/** Namespaces in GitLab's two forms: as a group, and as what a project lies in. */

import { z } from 'zod';
import type { Namespace } from '../access/namespace.js';
import { namespaceOf, VISIBILITIES } from '../access/project.js';
import { parentOf, pathsAbove } from '../access/tree.js';
import { namespacesAbove } from '../services/namespaces.js';
import type { ApiDeps } from './endpoint.js';

export const ApiGroup = z
  .strictObject({
    id: z.int(),
    web_url: z.url(),
    name: z.string(),
    path: z.string(),
    description: z.string(),
    visibility: z.enum(VISIBILITIES).describe('As it was given; it decides nothing.'),
    avatar_url: z.null(),
    full_name: z.string(),
    full_path: z.string(),
    created_at: z.iso.datetime(),
    parent_id: z.int().nullable(),
  })
  .meta({ id: 'Group' });

export const ApiNamespace = z
  .strictObject({
    id: z.int().describe('That of the group.'),
    name: z.string(),
    path: z.string(),
    kind: z.enum(['group', 'user']),
    full_path: z.string(),
    parent_id: z.int().nullable(),
    avatar_url: z.null(),
    web_url: z.url(),
  })
  .meta({ id: 'Namespace' });

/** By their paths in lower case. */
export type NamespacesByPath = ReadonlyMap<string, Namespace>;

export async function shownGroups(
  deps: ApiDeps,
  namespaces: readonly Namespace[],
): Promise<z.input<typeof ApiGroup>[]> {
  const above = await namespacesAbove(deps, namespaces);
  return namespaces.map((namespace) => {
    const { name, path, kind: _kind, ...rest } = shownNamespace(deps, namespace, above);
    const names = pathsAbove(namespaceOf(namespace.path)).map((key) => above.get(key)?.name);
    return {
      ...rest,
      name,
      path,
      description: namespace.description,
      visibility: namespace.visibility,
      full_name: [...names.filter((each) => each !== undefined), name].join(' / '),
      created_at: namespace.createdAt.toISOString(),
    };
  });
}

export async function shownNamespaces(
  deps: ApiDeps,
  namespaces: readonly Namespace[],
): Promise<z.input<typeof ApiNamespace>[]> {
  const above = await namespacesAbove(deps, namespaces);
  return namespaces.map((namespace) => shownNamespace(deps, namespace, above));
}

export function shownNamespace(
  { publicUrl }: Pick<ApiDeps, 'publicUrl'>,
  { id, name, path, userId }: Namespace,
  above: NamespacesByPath,
): z.input<typeof ApiNamespace> {
  const parent = parentOf(path);
  return {
    id,
    name,
    path: path.slice(path.lastIndexOf('/') + 1),
    kind: userId === null ? 'group' : 'user',
    full_path: path,
    parent_id: parent === null ? null : (above.get(namespaceOf(parent))?.id ?? null),
    avatar_url: null,
    web_url: `${publicUrl}/${path}`,
  };
}
