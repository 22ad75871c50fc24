import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { AppError } from '../../src/access/errors.js';
import type { Project } from '../../src/access/project.js';
import {
  beginLfsUpload,
  lfsRoom,
  tidyLfs,
  type LfsDeps,
  type LfsUploading,
} from '../../src/services/lfs.js';
import type { LfsDraft } from '../../src/repositories/lfs-objects.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { LONG_AGO } from '../support/build.js';
import type { TestedDatabase } from './store-suite.js';

const MEBIBYTE = 1024 * 1024;
const QUOTA = 40 * MEBIBYTE;
const LONGEST_SECONDS = 3600;
const LATER = new Date(LONG_AGO.getTime() + LONGEST_SECONDS * 1000 + 1);

/** What Git LFS objects take, on every database. */
export function describeLfs({ name, create }: TestedDatabase): void {
  describe(`Git LFS objects on ${name}`, () => {
    let store: Store;
    let project: Project;
    let now: Date;
    let deps: LfsDeps;

    beforeEach(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
      now = LONG_AGO;
      const quotas = { ...NO_QUOTAS, lfsBytesPerProject: QUOTA };
      deps = { store, quotas, now: () => now, longestSeconds: LONGEST_SECONDS };
      project = await newProject('tanuki/app');
    });

    afterEach(async () => {
      await store.close();
    });

    async function newProject(path: string): Promise<Project> {
      return await store.projects.add({ path, visibility: 'private', createdAt: LONG_AGO });
    }

    function begin(): LfsUploading {
      return beginLfsUpload(deps, OPERATOR, project, randomUUID());
    }

    async function room(): Promise<number> {
      return await lfsRoom(deps, project);
    }

    async function stored(): Promise<number> {
      return await store.lfs.storedBytes(project.id);
    }

    it('take what has arrived of them and 16 MiB ahead, from the second mebibyte on', async () => {
      const upload = begin();

      await upload.arrived(MEBIBYTE);
      const small = await room();
      await upload.arrived(MEBIBYTE + 1);

      expect(small).to.equal(QUOTA);
      expect(await room()).to.equal(QUOTA - 17 * MEBIBYTE - 1);
    });

    it('have no more room than others under way have left', async () => {
      await begin().arrived(20 * MEBIBYTE);

      const error = await refusalOf(begin().arrived(5 * MEBIBYTE));

      expect(error?.code).to.equal('too_large');
      expect(await room()).to.equal(4 * MEBIBYTE);
    });

    it('give back what they had reserved, and count, once they are in place', async () => {
      const upload = begin();
      await upload.arrived(2 * MEBIBYTE);

      await upload.finish(aDraft(2 * MEBIBYTE));
      await upload.abandon();

      expect(await stored()).to.equal(2 * MEBIBYTE);
      expect(await room()).to.equal(38 * MEBIBYTE);
    });

    it('count once where there was one already', async () => {
      await begin().finish(aDraft(5));
      await begin().finish(aDraft(5, false));

      expect(await stored()).to.equal(5);
    });

    it('are not placed where there is no room for them', async () => {
      await store.lfs.setStoredBytes(project.id, QUOTA - 4);
      let wasPlaced = false;

      const error = await refusalOf(
        begin().finish({
          ...aDraft(5),
          place: async () => await Promise.resolve((wasPlaced = true)),
        }),
      );

      expect(error?.code).to.equal('too_large');
      expect(wasPlaced).to.equal(false);
    });

    // The fault: the reservation came after it had been given back, and stayed for hours.
    it('leave nothing reserved when they end while they reserve', async () => {
      const upload = begin();
      const reserving = upload.arrived(2 * MEBIBYTE);

      await upload.abandon();
      await reserving;

      expect(await room()).to.equal(QUOTA);
    });

    it('of uploads that cannot be under way any more are not counted, and are forgotten', async () => {
      await begin().arrived(2 * MEBIBYTE);
      now = LATER;

      const uncounted = await room();
      await tidyLfs(deps, { removeAll: async () => {} });

      expect(uncounted).to.equal(QUOTA);
      expect(await store.lfs.hasOlder(new Date(LATER.getTime() * 2))).to.equal(false);
    });

    it('of removed projects go, and nobody else’s', async () => {
      const other = await newProject('tanuki/other');
      await store.lfs.setStoredBytes(project.id, 1);
      await store.lfs.setStoredBytes(other.id, 2);
      await store.write(async ({ projects }) => {
        await projects.remove(project, LATER);
      });
      const removed: number[] = [];

      await tidyLfs(deps, {
        async removeAll(projectId) {
          removed.push(projectId);
          await Promise.resolve();
        },
      });

      expect(removed).to.deep.equal([project.id]);
      expect(await store.lfs.ofRemovedProjects()).to.deep.equal([]);
      expect([await stored(), await store.lfs.storedBytes(other.id)]).to.deep.equal([0, 2]);
    });

    it('take more bytes than 32 bits count', async () => {
      const bytes = 3 * 2 ** 40;

      await store.lfs.setStoredBytes(project.id, bytes);

      expect(await stored()).to.equal(bytes);
    });
  });
}

function aDraft(bytes: number, isFirst = true): LfsDraft {
  return { bytes, place: async () => await Promise.resolve(isFirst), discard: async () => {} };
}

async function refusalOf(promise: Promise<unknown>): Promise<AppError | null> {
  try {
    await promise;
    return null;
  } catch (error) {
    if (error instanceof AppError) {
      return error;
    }
    throw error;
  }
}
