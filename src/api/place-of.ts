/** Projects and groups, where their members and deploy tokens are asked for in the same words. */

import type { z } from 'zod';
import type { Actor } from '../access/actor.js';
import type { Namespace, Place } from '../access/namespace.js';
import { findVisibleNamespace } from '../services/namespaces.js';
import type { ProjectDeps } from '../services/projects.js';
import { notFound } from './errors.js';
import { groupKey, projectKey } from './parameters.js';
import { requireProject } from './project-of.js';

type Deps = Pick<ProjectDeps, 'store'>;

export interface PlaceKind {
  /** Of its addresses. */
  readonly base: '/projects/:id' | '/groups/:id';
  /** In a description: the members of … */
  readonly what: string;
  readonly key: z.ZodType<string>;
  readonly require: (deps: Deps, actor: Actor, key: string) => Promise<Place>;
}

export const PLACE_KINDS: readonly PlaceKind[] = [
  { base: '/projects/:id', what: 'a project', key: projectKey, require: requireProject },
  { base: '/groups/:id', what: 'a group', key: groupKey, require: requireGroup },
];

/** By number or path. One that is hidden and one that does not exist are the same 404. */
export async function requireGroup(deps: Deps, actor: Actor, key: string): Promise<Namespace> {
  const namespace = await findNamespace(deps, actor, key);
  if (namespace === null) {
    throw notFound('Group');
  }
  return namespace;
}

export async function findNamespace(
  deps: Deps,
  actor: Actor,
  key: string,
): Promise<Namespace | null> {
  const number = /^\d{1,10}$/.test(key) ? Number(key) : null;
  return await findVisibleNamespace(deps, actor, number ?? key);
}
