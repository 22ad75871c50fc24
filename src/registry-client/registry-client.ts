import type { RegistryAddress } from './answers.js';
import { atMost } from './at-most.js';
import { readCatalogue } from './catalogue.js';
import { holdsAny } from './holds-any.js';
import { readCreatedAt, readTags } from './images.js';

/** Of one process, besides the walk: pages that people open must not be a load on the registry. */
const AT_ONCE = 8;

export interface RegistryClient {
  readonly page: (
    query: string | null,
    stopping: AbortSignal,
  ) => Promise<{ readonly names: readonly string[]; readonly next: string | null }>;
  /** Null for a repository that the registry does not know. */
  readonly tags: (repository: string, signal: AbortSignal) => Promise<readonly string[] | null>;
  /** When the image of a tag was built; null where it does not say. */
  readonly createdAt: (
    repository: string,
    tag: string,
    signal: AbortSignal,
  ) => Promise<Date | null>;
  /** Whether there is a repository of this name, or below it. */
  readonly holds: (name: string, signal: AbortSignal) => Promise<boolean>;
}

/** What it throws are AppErrors, and say for the operator why the registry cannot be read. */
export function createRegistryClient(address: RegistryAddress): RegistryClient {
  const inTurn = atMost(AT_ONCE);
  return {
    page: async (query, stopping) => await readCatalogue(address, query, stopping),
    tags: async (repository, signal) =>
      await inTurn(async () => await readTags(address, repository, signal)),
    createdAt: async (repository, tag, signal) =>
      await inTurn(async () => await readCreatedAt(address, { repository, tag }, signal)),
    holds: async (name, signal) => await inTurn(async () => await holdsAny(address, name, signal)),
  };
}
