import { OPERATOR } from '../../src/access/actor.js';
import type { RegistryRepository } from '../../src/access/registry-inventory.js';
import { everyPage } from '../../src/services/every-page.js';
import { registryWalker, type CataloguePage } from '../../src/services/registry-walk.js';
import { repositoriesOfRegistry } from '../../src/services/registry-inventory.js';
import type { Store } from '../../src/store/open-store.js';

const NEVER = new AbortController().signal;

/** A walk that has ended, and found these: as after the service has run for a while. */
export async function endWalk(
  store: Store,
  names: readonly string[] = [],
  now: () => Date = () => new Date(),
): Promise<void> {
  const catalogue = { page: async () => await Promise.resolve({ names, next: null }) };
  await registryWalker({ store, now, catalogue, betweenPagesMs: 0 })(NEVER);
}

/** A registry of these names, in pages whose queries are numbers; `asked` tells which were asked for. */
export function catalogueOf(
  names: () => readonly string[],
  pageSize: number,
): {
  readonly page: (query: string | null) => Promise<CataloguePage>;
  readonly asked: (string | null)[];
} {
  const asked: (string | null)[] = [];
  return {
    asked,
    async page(query) {
      asked.push(query);
      const start = Number(query ?? 0);
      const all = names();
      const end = start + pageSize;
      const next = end < all.length ? String(end) : null;
      return await Promise.resolve({ names: all.slice(start, end), next });
    },
  };
}

export async function namesIn(store: Store): Promise<string[]> {
  const found: RegistryRepository[] = [];
  const pages = everyPage(
    async (request) => await repositoriesOfRegistry({ store }, OPERATOR, '', request),
  );
  for await (const page of pages) {
    found.push(...page);
  }
  return found.map(({ name }) => name);
}
