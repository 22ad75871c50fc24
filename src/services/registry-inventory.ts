/** What the registry holds, as the last walk through it found it. No request waits for the registry. */

import type { Actor } from '../access/actor.js';
import type { Cursor, Page, PageRequest } from '../access/page.js';
import type { OwnedRepository, RegistryWalk } from '../access/registry-inventory.js';
import type { Store } from '../store/open-store.js';
import { unownedAmong, withOwners } from './registry-owners.js';
import { requireOversight } from './requirements.js';

const AT_ONCE = 100;
/** How many of the registry's names one page of the unowned looks at: it may then be short, or empty. */
const MAX_LOOKED_AT = 100 * AT_ONCE;

export interface InventoryDeps {
  readonly store: Store;
}

/** For administrators: how far the walk is. */
export async function registryWalk({ store }: InventoryDeps, actor: Actor): Promise<RegistryWalk> {
  requireOversight(actor);
  return await store.registryInventory.walk();
}

/** For administrators: by name, each with the project that owns it. `text` is in the name. */
export async function repositoriesOfRegistry(
  { store }: InventoryDeps,
  actor: Actor,
  text: string,
  request: PageRequest,
): Promise<Page<OwnedRepository>> {
  requireOversight(actor);
  const page = await store.registryInventory.page({ within: null, text }, request);
  return { ...page, items: await withOwners(store, page.items) };
}

/** A page by cursor: nobody knows how many there are before they have all been looked at. */
export interface UnownedRequest {
  readonly limit: number;
  readonly start: { readonly after: Cursor | null };
}

/**
 * For administrators: those that no project owns, by name. A page with a `next` may hold fewer than were
 * asked for, where many that somebody owns lie in between.
 */
export async function unownedRepositories(
  { store }: InventoryDeps,
  actor: Actor,
  { limit, start }: UnownedRequest,
  text = '',
): Promise<Page<OwnedRepository>> {
  requireOversight(actor);
  const filter = { within: null, text };
  const unowned: OwnedRepository[] = [];
  let { after } = start;
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += AT_ONCE) {
    const page = await store.registryInventory.page(filter, {
      limit: AT_ONCE,
      start: { after },
      total: false,
    });
    const found = await unownedAmong(store, page.items);
    unowned.push(...found.map((repository) => ({ ...repository, project: null })));
    const last = unowned[limit - 1];
    if (last !== undefined && (unowned.length > limit || page.next !== null)) {
      const next = await store.registryInventory.cursorAfter(last.name);
      return { items: unowned.slice(0, limit), next, total: null };
    }
    if (page.next === null) {
      return { items: unowned, next: null, total: null };
    }
    after = page.next;
  }
  return { items: unowned, next: after, total: null };
}
