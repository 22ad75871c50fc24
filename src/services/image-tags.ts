/** The tags of images, asked of the registry and kept for a minute. A page never waits long for them. */

import { setTimeout as pause } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** How long a page waits; what comes later is there for the next one. */
const PATIENCE_MS = 1000;
const KEPT_MS = 60_000;
/** How long a registry that could not be read is left alone. */
const FAILURE_KEPT_MS = 10_000;
const MAX_KEPT = 1000;
/** Of one image. Finding out when a tag was built takes up to three questions. */
const MAX_DATED = 20;
const MAX_LISTED = 100;
const LONGEST_MS = 20_000;
/** What cosign and OCI referrers hang on an image: signatures and the like, which nobody pulls by name. */
const ATTACHED = /^sha256-[0-9a-f]{64}(\.|$)/;

export interface ImageTag {
  readonly name: string;
  /** When the image was built; null where that is not known. */
  readonly createdAt: Date | null;
}

export interface TagList {
  /** The newest first as far as that is known; then the highest version first. */
  readonly tags: readonly ImageTag[];
  /** How many there are besides. */
  readonly more: number;
}

export interface ImageSource {
  /** Null for a repository that the registry does not know. */
  readonly tags: (repository: string, signal: AbortSignal) => Promise<readonly string[] | null>;
  readonly createdAt: (
    repository: string,
    tag: string,
    signal: AbortSignal,
  ) => Promise<Date | null>;
}

export interface ImageTags {
  /**
   * What is known after a second at most, by repository: `absent` for one that the registry does not
   * know, and `unreadable` while it does not answer.
   */
  readonly read: (
    repositories: readonly string[],
  ) => Promise<ReadonlyMap<string, TagList | 'absent' | 'unreadable'>>;
}

interface Reading {
  /** Undefined until the registry has answered; null for a repository that it does not know. */
  tags: readonly string[] | null | undefined;
  readonly createdAt: Map<string, Date>;
  done: Promise<void>;
}

export function imageTags(
  source: ImageSource,
  { patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {},
): ImageTags {
  const kept = new LRUCache<string, Reading>({ max: MAX_KEPT, ttl: KEPT_MS });

  function begin(repository: string): Reading {
    const reading: Reading = { tags: undefined, createdAt: new Map(), done: Promise.resolve() };
    kept.set(repository, reading);
    reading.done = fill(source, repository, reading).catch(() => {
      // The walk tells the operator why the registry cannot be read; here a page goes without.
      if (reading.tags === undefined) {
        kept.set(repository, reading, { ttl: FAILURE_KEPT_MS });
      }
    });
    return reading;
  }

  return {
    async read(repositories) {
      const readings = repositories.map((name) => ({ name, of: kept.get(name) ?? begin(name) }));
      const enough = new AbortController();
      await Promise.race([
        Promise.all(readings.map(async ({ of }) => await of.done)),
        pause(patienceMs, undefined, { signal: enough.signal, ref: false }).catch(() => null),
      ]);
      enough.abort();
      return new Map(readings.map(({ name, of }) => [name, asFarAsKnown(of)]));
    },
  };
}

async function fill(source: ImageSource, repository: string, reading: Reading): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  const tags = await source.tags(repository, signal);
  reading.tags = tags?.filter((tag) => !ATTACHED.test(tag)).toSorted(highestFirst) ?? null;
  await Promise.all(
    (reading.tags ?? []).slice(0, MAX_DATED).map(async (tag) => {
      const createdAt = await source.createdAt(repository, tag, signal).catch(() => null);
      if (createdAt !== null) {
        reading.createdAt.set(tag, createdAt);
      }
    }),
  );
}

function asFarAsKnown({ tags, createdAt }: Reading): TagList | 'absent' | 'unreadable' {
  if (tags === undefined) {
    return 'unreadable';
  }
  if (tags === null) {
    return 'absent';
  }
  const dated = tags.map((name) => ({ name, createdAt: createdAt.get(name) ?? null }));
  // Sorting is stable: those of which nothing is known stay as they are.
  const sorted = dated.toSorted((a, b) => timeOf(b) - timeOf(a));
  return { tags: sorted.slice(0, MAX_LISTED), more: Math.max(0, sorted.length - MAX_LISTED) };
}

function timeOf({ createdAt }: ImageTag): number {
  return createdAt?.getTime() ?? 0;
}

const BY_NUMBERS = new Intl.Collator('en', { numeric: true });

/** `latest`, then `1.10` before `1.9`. */
function highestFirst(a: string, b: string): number {
  return Number(b === 'latest') - Number(a === 'latest') || BY_NUMBERS.compare(b, a);
}
