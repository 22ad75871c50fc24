/** Which projects own what the registry holds. */

import type { OwnedRepository, RegistryRepository } from '../access/registry-inventory.js';
import { prefixesOf } from '../access/repository-name.js';
import type { Stores } from '../store/open-store.js';
import { everyPage } from './every-page.js';

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
  const pages = everyPage(async (request) => await registryInventory.page(filter, request));
  for await (const found of pages) {
    const names = (await unownedAmong(stores, found)).map((repository) => repository.name);
    const reserved = await projects.reservedOf(names);
    if (!names.every((each) => prefixesOf(each).some((prefix) => reserved.has(prefix)))) {
      return true;
    }
  }
  return false;
}
