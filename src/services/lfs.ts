/** Git LFS objects: who may store them, and how much a project may hold. */

import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { gitRefusal } from '../access/git-access.js';
import type { Project } from '../access/project.js';
import type { LfsDraft, LfsObjects } from '../repositories/lfs-objects.js';
import type { Store, Stores } from '../store/open-store.js';
import type { Quotas } from './quotas.js';
import { writeAs, type Writing, type WritingDeps } from './writing.js';

/** What an upload may bring before it reserves any: most objects are over by then. */
const FREE_BYTES = 1024 * 1024;
/** By how much a reservation is ahead of what has arrived. */
const STEP_BYTES = 16 * 1024 * 1024;

export interface LfsDeps extends WritingDeps {
  readonly store: Store;
  readonly quotas: Quotas;
  /** The longest that one upload can take. */
  readonly longestSeconds: number;
}

/** What uploads count: the bytes that arrived, and never what somebody said would. */
export interface LfsUploading {
  /** Throws `too_large` when the project may not hold so much; told of all bytes so far. */
  readonly arrived: (bytes: number) => Promise<void>;
  /** Puts the object into its place if the actor still may, and counts it. */
  readonly finish: (draft: LfsDraft) => Promise<void>;
  /** Gives back what was reserved; does nothing once it has finished. */
  readonly abandon: () => Promise<void>;
}

/** One upload by `actor` to `project`, with an id of its own. */
export function beginLfsUpload(
  deps: LfsDeps,
  actor: Actor,
  project: Project,
  uploadId: string,
): LfsUploading {
  const startedAt = deps.now();
  const upload = { id: uploadId, projectId: project.id, startedAt };
  let reserved = FREE_BYTES;
  let isRecorded = false;
  /** The last one, which an upload that ends may leave under way. */
  let reserving = Promise.resolve();

  async function reserve(bytes: number): Promise<void> {
    reserved = await writePush(deps, actor, project, async ({ stores }) => {
      const room = await roomFor(deps, stores, upload);
      requireRoom(deps, room, bytes);
      const reservedBytes = Math.min(room, bytes + STEP_BYTES);
      await stores.lfs.reserve({ ...upload, reservedBytes });
      return reservedBytes;
    });
    isRecorded = true;
  }

  return {
    async arrived(bytes) {
      if (bytes > reserved) {
        reserving = reserve(bytes);
        await reserving;
      }
    },
    async finish(draft) {
      // A transaction that is repeated finds it placed.
      let isPlaced: boolean | null = null;
      await writePush(deps, actor, project, async ({ stores }) => {
        requireRoom(deps, await roomFor(deps, stores, upload), draft.bytes);
        await stores.lfs.release(upload.id);
        const stored = await stores.lfs.storedBytes(project.id);
        // Last: what is in its place stays there.
        isPlaced ??= await draft.place();
        if (isPlaced) {
          await stores.lfs.setStoredBytes(project.id, stored + draft.bytes);
        }
      });
      isRecorded = false;
    },
    async abandon() {
      await reserving.catch(() => {});
      if (isRecorded) {
        await deps.store.write(async ({ lfs }) => {
          await lfs.release(upload.id);
        });
      }
    },
  };
}

/** How many more bytes the project may hold at the moment. */
export async function lfsRoom(
  deps: Pick<LfsDeps, 'store' | 'quotas' | 'now' | 'longestSeconds'>,
  { id }: Project,
): Promise<number> {
  return await roomFor(deps, deps.store, { id: '', projectId: id });
}

async function roomFor(
  { quotas, now, longestSeconds }: Pick<LfsDeps, 'quotas' | 'now' | 'longestSeconds'>,
  { lfs }: Pick<Stores, 'lfs'>,
  upload: { readonly id: string; readonly projectId: number },
): Promise<number> {
  const since = new Date(now().getTime() - longestSeconds * 1000);
  const taken = await lfs.storedBytes(upload.projectId);
  const reserved = await lfs.reservedByOthers(upload, since);
  return Math.max(0, quotas.lfsBytesPerProject - taken - reserved);
}

function requireRoom({ quotas }: Pick<LfsDeps, 'quotas'>, room: number, bytes: number): void {
  if (bytes > room) {
    throw new AppError(
      'too_large',
      `The Git LFS objects of a project may have ${quotas.lfsBytesPerProject} bytes in all, and this one does not fit any more.`,
    );
  }
}

/** As one transaction, in which the actor is asked again whether it may push. */
async function writePush<T>(
  deps: LfsDeps,
  actor: Actor,
  { id }: Project,
  work: (writing: Writing) => Promise<T>,
): Promise<T> {
  return await writeAs(deps, actor, async (writing) => {
    const refusal = gitRefusal(writing.actor, 'push', await writing.stores.projects.findById(id));
    if (refusal !== null) {
      throw refusal.error;
    }
    return await work(writing);
  });
}

/** Takes away the objects of removed projects, and what ended uploads have left reserved. */
export async function tidyLfs(
  { store, now, longestSeconds }: Pick<LfsDeps, 'store' | 'now' | 'longestSeconds'>,
  { removeAll }: Pick<LfsObjects, 'removeAll'>,
): Promise<void> {
  for (const projectId of await store.lfs.ofRemovedProjects()) {
    await removeAll(projectId);
    await store.write(async ({ lfs }) => {
      await lfs.forget(projectId);
    });
  }
  const before = new Date(now().getTime() - longestSeconds * 1000);
  if (await store.lfs.hasOlder(before)) {
    await store.write(async ({ lfs }) => {
      await lfs.releaseOlder(before);
    });
  }
}
