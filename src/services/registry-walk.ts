/** The walk through the registry's catalogue: in the background, in pieces, by one process at a time. */

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../access/errors.js';
import type { RegistryWalk } from '../access/registry-inventory.js';
import { isRepositoryName } from '../access/repository-name.js';
import type { Store } from '../store/open-store.js';
import type { Walker } from '../store/registry-inventory-store.js';

const MINUTE_MS = 60 * 1000;
/** From the end of one walk to the beginning of the next. */
const BETWEEN_WALKS_MS = 10 * MINUTE_MS;
/** One that is not through by then begins anew: who knows what the registry has become. */
const LONGEST_WALK_MS = 24 * 60 * MINUTE_MS;
const AFTER_FAILURE_MS = MINUTE_MS;
/** How long a process that says nothing more is taken for one that is at it. */
const WALKER_MS = 2 * MINUTE_MS;
/** For the registry's sake. */
const BETWEEN_PAGES_MS = 100;
/** Of names, in one transaction, so that other writers get their turn in between. */
const AT_ONCE = 100;
const MAX_REPOSITORIES = 1_000_000;
const MAX_FAILURE = 255;

export interface CataloguePage {
  readonly names: readonly string[];
  /** The query of the page that comes next; null on the last one. */
  readonly next: string | null;
}

export interface Catalogue {
  /** Null for the first page. Throws an AppError that says why it cannot be read. */
  readonly page: (query: string | null, stopping: AbortSignal) => Promise<CataloguePage>;
}

export interface WalkDeps {
  readonly store: Pick<Store, 'write' | 'registryInventory'>;
  readonly now: () => Date;
  readonly catalogue: Catalogue;
  /** Hears of each walk that came to its end. */
  readonly ended?: (walk: { readonly found: number; readonly gone: number }) => void;
  readonly betweenPagesMs?: number;
}

/**
 * Takes the walk as far as it goes, if it is time for one and nobody else is at it. One that was stopped,
 * or failed, is gone on with where it was. Throws why it does not go on.
 */
export type WalkRegistry = (stopping: AbortSignal) => Promise<void>;

export function registryWalker(deps: WalkDeps): WalkRegistry {
  const id = randomUUID();
  const { store, now } = deps;
  // What was wrong may be what the process was started anew for.
  let isNew = true;

  return async (stopping) => {
    const walk = isDue(await store.registryInventory.walk(), now(), isNew) ? await begin() : null;
    isNew = false;
    if (walk === null) {
      return;
    }
    try {
      await goOn({ ...deps, walker }, walk, stopping);
    } finally {
      await store.write(async ({ registryInventory }) => {
        await registryInventory.leaveWalk(id);
      });
    }
  };

  function walker(): Walker {
    return { id, until: new Date(now().getTime() + WALKER_MS) };
  }

  /** Null when another process was faster. */
  async function begin(): Promise<RegistryWalk | null> {
    return await store.write(async ({ registryInventory: inventory }) => {
      const at = now();
      const isOurs = await inventory.takeWalk(walker(), at);
      const known = await inventory.walk();
      if (!isOurs || !isDue(known, at, isNew)) {
        return null;
      }
      if (isUnderWay(known, at)) {
        return known;
      }
      const begun = { number: known.number + 1, startedAt: at, next: null, seen: 0 };
      await inventory.saveWalk(walker(), begun);
      return { ...known, ...begun };
    });
  }
}

function isDue({ startedAt, endedAt, failedAt }: RegistryWalk, now: Date, isNew: boolean): boolean {
  if (!isNew && failedAt !== null && now.getTime() - failedAt.getTime() < AFTER_FAILURE_MS) {
    return false;
  }
  return (
    startedAt !== null || endedAt === null || now.getTime() - endedAt.getTime() >= BETWEEN_WALKS_MS
  );
}

function isUnderWay({ startedAt }: RegistryWalk, now: Date): boolean {
  return startedAt !== null && now.getTime() - startedAt.getTime() < LONGEST_WALK_MS;
}

type Walking = WalkDeps & { readonly walker: () => Walker };

async function goOn(deps: Walking, begun: RegistryWalk, stopping: AbortSignal): Promise<void> {
  let walk = begun;
  for (;;) {
    const page = await pageAfter(deps, walk, stopping);
    if (page === null) {
      return;
    }
    if (!(await addFound(deps, page.names, walk))) {
      return;
    }
    if (page.next === null) {
      await end(deps, walk);
      return;
    }
    walk = { ...walk, next: page.next, seen: walk.seen + page.names.length };
    const { next, seen } = walk;
    if (!(await save(deps, { next, seen, failure: null, failedAt: null }))) {
      return;
    }
    if (!(await isGoingOn(stopping, deps.betweenPagesMs ?? BETWEEN_PAGES_MS))) {
      return;
    }
  }
}

/** Null when it is to stop. Why it failed is on record, for the pages and commands that ask. */
async function pageAfter(
  deps: Walking,
  walk: RegistryWalk,
  stopping: AbortSignal,
): Promise<CataloguePage | null> {
  try {
    const page = await deps.catalogue.page(walk.next, stopping);
    requireProgress(page, walk);
    return page;
  } catch (error) {
    if (stopping.aborted) {
      return null;
    }
    if (error instanceof AppError) {
      const failure = error.message.slice(0, MAX_FAILURE);
      await save(deps, { failure, failedAt: deps.now() });
    }
    throw error;
  }
}

/** A registry must not lead round in circles, nor fill the database. */
function requireProgress({ names, next }: CataloguePage, walk: RegistryWalk): void {
  if (next !== null && (next === walk.next || names.length === 0)) {
    throw new AppError('unavailable', 'Its catalogue leads on without telling more.');
  }
  if (walk.seen + names.length > MAX_REPOSITORIES) {
    throw new AppError('unavailable', `It holds more than ${MAX_REPOSITORIES} repositories.`);
  }
}

/** False when another process has taken over: what this one has found is then out of date. */
async function addFound(
  { store, now, walker }: Walking,
  names: readonly string[],
  { number }: RegistryWalk,
): Promise<boolean> {
  const found = [...new Set(names.filter(isRepositoryName))];
  for (let start = 0; start < found.length; start += AT_ONCE) {
    const isOurs = await store.write(async ({ registryInventory: inventory }) => {
      const saved = await inventory.saveWalk(walker(), {});
      await inventory.addFound(saved ? found.slice(start, start + AT_ONCE) : [], number, now());
      return saved;
    });
    if (!isOurs) {
      return false;
    }
  }
  return true;
}

async function save({ store, walker }: Walking, changes: Partial<RegistryWalk>): Promise<boolean> {
  return await store.write(
    async ({ registryInventory }) => await registryInventory.saveWalk(walker(), changes),
  );
}

/** What a whole walk has not found is gone. */
async function end(deps: Walking, { number }: RegistryWalk): Promise<void> {
  const { store, now, walker } = deps;
  let gone = 0;
  for (;;) {
    const names = await store.registryInventory.findGone(number, AT_ONCE);
    if (names.length === 0) {
      break;
    }
    gone += names.length;
    const isOurs = await store.write(async ({ registryInventory: inventory }) => {
      const saved = await inventory.saveWalk(walker(), {});
      await inventory.remove(saved ? names : []);
      return saved;
    });
    if (!isOurs) {
      return;
    }
  }
  await store.write(async ({ registryInventory: inventory }) => {
    const found = await inventory.count();
    const isOurs = await inventory.saveWalk(walker(), {
      startedAt: null,
      next: null,
      seen: found,
      endedAt: now(),
      failure: null,
      failedAt: null,
    });
    if (isOurs) {
      deps.ended?.({ found, gone });
    }
  });
}

/** False at once when it is to stop during the pause. */
async function isGoingOn(stopping: AbortSignal, milliseconds: number): Promise<boolean> {
  try {
    await pause(milliseconds, undefined, { signal: stopping, ref: false });
  } catch {
    // Only an abort ends a pause early.
  }
  return !stopping.aborted;
}
