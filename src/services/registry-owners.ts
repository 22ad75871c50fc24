/** Which projects own what the registry holds. */

import type { Cursor, Page } from '../access/page.js';
import type { OwnedRepository, RegistryRepository } from '../access/registry-inventory.js';
import { prefixesOf } from '../access/repository-name.js';
import type { Stores } from '../store/open-store.js';

const AT_ONCE = 100;

type Owning = Pick<Stores, 'projects' | 'registryInventory'>;

/** Each with the project that owns it. */
export async function withOwners(
  { projects }: Pick<Stores, 'projects'>,
  repositories: readonly RegistryRepository[],
): Promise<OwnedRepository[]> {
  const owned = await projects.ownersOf(repositories.map(({ name }) => name));
  const byPrefix = new Map(owned.map(({ prefix, project }) => [prefix, project]));
  return repositories.map((repository) => {
    const prefix = prefixesOf(repository.name).find((each) => byPrefix.has(each));
    return { ...repository, project: byPrefix.get(prefix ?? '') ?? null };
  });
}

/** Those that nobody owns. */
export async function unownedAmong(
  { projects }: Pick<Stores, 'projects'>,
  repositories: readonly RegistryRepository[],
): Promise<readonly RegistryRepository[]> {
  const inUse = await projects.prefixesInUse(repositories.map(({ name }) => name));
  return repositories.filter(({ name }) => !prefixesOf(name).some((each) => inUse.has(each)));
}

/**
 * Whether the registry holds anything with this name, or below it, that nobody owns. What a removed
 * project left behind does not count: no project can be made over it.
 */
export async function holdsUnowned(stores: Owning, name: string): Promise<boolean> {
  const { projects, registryInventory } = stores;
  const filter = { within: [name.toLowerCase()], text: '' };
  let after: Cursor | null = null;
  do {
    const request = { limit: AT_ONCE, start: { after }, total: false };
    const { items, next }: Page<RegistryRepository> = await registryInventory.page(filter, request);
    const names = items.map((repository) => repository.name);
    const taken = new Set([
      ...(await projects.prefixesInUse(names)),
      ...(await projects.reservedOf(names)),
    ]);
    if (!names.every((each) => prefixesOf(each).some((prefix) => taken.has(prefix)))) {
      return true;
    }
    // The rest of what the last one's project owns need not be looked at, however much somebody pushed there.
    const last = names.at(-1) ?? '';
    const owner = prefixesOf(last).find((prefix) => taken.has(prefix)) ?? last;
    after = next && owner !== last ? await registryInventory.cursorAfter(endOf(owner)) : next;
  } while (after !== null);
  return false;
}

/** Behind every name below the prefix: no name has a tilde, which follows all that names are made of. */
function endOf(prefix: string): string {
  return `${prefix}/~`;
}
