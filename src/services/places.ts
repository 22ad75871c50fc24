/** A path is a project or a namespace, never both. */

import type { Actor } from '../access/actor.js';
import type { Place } from '../access/namespace.js';
import type { Store } from '../store/open-store.js';
import { findVisibleNamespace } from './namespaces.js';
import { findVisibleProject } from './projects.js';

/** Null for a path that the actor may not know of, as for one that is neither. */
export async function findVisiblePlace(
  deps: { readonly store: Store },
  actor: Actor,
  path: string,
): Promise<Place | null> {
  return (
    (await findVisibleProject(deps, actor, path)) ?? (await findVisibleNamespace(deps, actor, path))
  );
}
