/** How much one request to the token door may have looked up: a scope can name thousands of prefixes. */

import { MAX_COMPONENTS } from './project.js';
import { prefixesOf } from './repository-name.js';
import type { AccessEntry } from './scope.js';

/** Of one request: 200 repositories of three components, as a mirror lists, take 600. */
const MAX_PREFIXES = 640;

export interface LookedUp {
  /** What a project could own the names by. */
  readonly prefixes: readonly string[];
  /** The same below what a new project may have; a request asks for them only where older ones go that deep. */
  readonly deepPrefixes: readonly string[];
  /** For which there was no room: their owner is not known, and nothing of them is granted. */
  readonly over: ReadonlySet<AccessEntry>;
}

/** The first that were asked for have the room. */
export function withinBudget(repositories: readonly AccessEntry[]): LookedUp {
  const prefixes: string[] = [];
  const deepPrefixes: string[] = [];
  const over = new Set<AccessEntry>();
  for (const entry of repositories) {
    const all = prefixesOf(entry.name);
    if (prefixes.length + deepPrefixes.length + all.length > MAX_PREFIXES) {
      over.add(entry);
    } else if (all.length <= MAX_COMPONENTS) {
      prefixes.push(...all);
    } else {
      prefixes.push(...all.slice(0, MAX_COMPONENTS));
      deepPrefixes.push(...all.slice(MAX_COMPONENTS));
    }
  }
  return { prefixes, deepPrefixes, over };
}
