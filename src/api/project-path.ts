/** Which path a new project gets: in the namespace that was given, or in the caller's own. */

import type { UserActor } from '../access/actor.js';
import type { ApiDeps } from './endpoint.js';
import { wrongField, wrongParameters } from './errors.js';
import { findNamespace } from './place-of.js';

export interface ProjectPathInput {
  readonly path?: string | undefined;
  readonly name?: string | undefined;
  readonly namespace_path?: string | undefined;
  readonly namespace_id?: string | undefined;
}

export async function requestedPath(
  deps: Pick<ApiDeps, 'store'>,
  actor: UserActor,
  input: ProjectPathInput,
): Promise<string> {
  const path = input.path ?? (input.name === undefined ? undefined : slugOf(input.name));
  if (path === undefined) {
    throw wrongParameters('name, path are missing, at least one parameter must be provided');
  }
  const namespace = await namespaceIn(deps, actor, input);
  if (namespace !== null) {
    return `${namespace}/${path}`;
  }
  return path.includes('/') ? path : `${actor.user.username}/${path}`;
}

/** A number means the namespace of that number; one that has only digits for a name goes by its path. */
async function namespaceIn(
  deps: Pick<ApiDeps, 'store'>,
  actor: UserActor,
  { namespace_path: path, namespace_id: id }: ProjectPathInput,
): Promise<string | null> {
  if (path !== undefined && id !== undefined) {
    throw wrongParameters('namespace_id, namespace_path are mutually exclusive');
  }
  if (id === undefined || !/^\d+$/.test(id)) {
    return path ?? id ?? null;
  }
  const namespace = await findNamespace(deps, actor, id);
  if (namespace === null) {
    throw wrongField('namespace', 'is not valid');
  }
  return namespace.path;
}

/** As GitLab makes a path of a name: `Awesome Project (old)` becomes `awesome-project-old`. */
function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/[._-]*-[._-]*|[._]{2,}/g, '-')
    .replaceAll(/^[._-]+|[._-]+$/g, '');
  if (slug === '') {
    throw wrongField('name', 'has no letter or digit to make a path of: give a path too');
  }
  return slug;
}
