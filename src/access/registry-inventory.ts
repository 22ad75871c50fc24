/** What the registry is known to hold, and the walk through its catalogue that finds it. */

import type { Project } from './project.js';

export interface RegistryRepository {
  readonly name: string;
  /** When a walk first found it. */
  readonly foundAt: Date;
}

export interface OwnedRepository extends RegistryRepository {
  /** Null for one that nobody owns. */
  readonly project: Project | null;
}

/** The latest walk. It goes through the whole catalogue in pieces, and goes on where one before it stopped. */
export interface RegistryWalk {
  readonly number: number;
  /** Null while none is under way. */
  readonly startedAt: Date | null;
  /** The query of the page that comes next; null for the first one. */
  readonly next: string | null;
  /** How many repositories the walk under way has seen, or else the one before it found. */
  readonly seen: number;
  /** When the last one that came to the end did; null if none ever has. */
  readonly endedAt: Date | null;
  /** Why it does not go on; null when nothing is in the way. */
  readonly failure: string | null;
  readonly failedAt: Date | null;
}

/** How far it is, as a sentence for whoever waits for it. */
export function walkProgress({ startedAt, seen, endedAt, failure }: RegistryWalk): string {
  if (failure !== null) {
    return `The walk through the registry does not go on: ${failure}`;
  }
  if (startedAt !== null) {
    return `A walk through the registry is under way; it has seen ${seen} repositories so far.`;
  }
  return endedAt === null
    ? 'No walk through the registry has begun yet: the running service does that.'
    : `The last walk through the registry ended on ${endedAt.toISOString()} and found ${seen} repositories.`;
}

/**
 * Why nobody but an administrator can make a project in the personal namespace now; null when they can.
 * Images that nobody owns may be older than the user: making a project over them would hand them over.
 */
export function personalNamespaceProblem(
  { startedAt, endedAt, failure }: RegistryWalk,
  { hasUnowned }: { readonly hasUnowned: boolean },
): string | null {
  if (hasUnowned) {
    return (
      'The registry holds images of this name that no project owns. Ask an administrator to make ' +
      'the project.'
    );
  }
  if (endedAt !== null) {
    return null;
  }
  const rule =
    'A personal namespace can hold projects once a walk through the registry has ended and found nothing of that name.';
  if (failure !== null) {
    return `${rule} The registry cannot be read: ask an administrator.`;
  }
  return startedAt === null
    ? `${rule} None has begun yet.`
    : `${rule} The first one is under way: try again later.`;
}
