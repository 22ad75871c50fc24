import { z } from 'zod';
import { AppError } from '../access/errors.js';
import { ask, RegistryRefusal, type RegistryAddress } from './answers.js';

const PATH = '/v2/_catalog';
const ACCESS = { type: 'registry', name: 'catalog', actions: ['*'] };
/** What distribution gives at most, unless it is configured for less. */
const PAGE = 'n=1000';
const SMALLER_PAGE = 'n=100';
const MAX_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** What the inventory has room for. */
const MAX_QUERY = 1024;

const Catalogue = z.object({
  repositories: z
    .array(z.string())
    .nullable()
    .transform((names) => names ?? []),
});

/** One page of the catalogue; `next` is the query of the one after it, as the registry's `Link` says. */
export async function readCatalogue(
  registry: RegistryAddress,
  query: string | null,
  signal: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly next: string | null }> {
  try {
    return await readPage(registry, query ?? PAGE, signal);
  } catch (error) {
    // Version 3 refuses a page that is larger than its `catalog.maxentries`.
    if (query === null && error instanceof RegistryRefusal && error.status === 400) {
      return await readPage(registry, SMALLER_PAGE, signal);
    }
    throw error;
  }
}

async function readPage(
  registry: RegistryAddress,
  query: string,
  signal: AbortSignal,
): Promise<{ readonly names: readonly string[]; readonly next: string | null }> {
  const { body, headers } = await ask(registry, {
    path: `${PATH}?${query}`,
    access: ACCESS,
    schema: Catalogue,
    maxBytes: MAX_BYTES,
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return { names: body.repositories, next: nextQuery(headers.get('link')) };
}

/**
 * The query alone: where it leads to is the same place, whatever a proxy in between calls it. One that
 * cannot be followed is no last page, or what comes after it would be taken for gone.
 */
export function nextQuery(link: string | null): string | null {
  const next = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '');
  if (next === null) {
    return null;
  }
  const query = next[1]?.split('?')[1]?.split('#')[0] ?? '';
  if (query === '' || query.length > MAX_QUERY) {
    throw new AppError('unavailable', 'The registry leads on to an address that is none.');
  }
  return query;
}
