import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/credentials.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { sqliteSettings } from '../support/database.js';
import { lookUpProjects } from '../support/lookups.js';
import { endOfAMegabyte, megabytesKeptBy } from '../support/heap.js';

const CREATED = new Date('2026-01-01T00:00:00Z');
const PATH = 'tanuki/app';

describe('lookups on a SQLite file', () => {
  let folder: string;
  let store: Store;
  let other: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pullgate-lookups-'));
    const settings = sqliteSettings(join(folder, 'pullgate.db'));
    ({ store } = await openCurrentStore(settings, { migrate: true }));
    ({ store: other } = await openCurrentStore(settings, { migrate: true }));
  });

  afterEach(async () => {
    await other.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function found(): Promise<number> {
    return (await lookUpProjects(store, [PATH])).length;
  }

  it('see what was written by this process and by another at once', async () => {
    const before = await found();
    await other.projects.add({ path: PATH, visibility: 'private', createdAt: CREATED });
    const written = await found();
    const [project] = await lookUpProjects(store, [PATH]);
    await store.projects.setVisibility(project?.id ?? 0, 'public');

    expect([before, written]).to.deep.equal([0, 1]);
    expect((await lookUpProjects(store, [PATH]))[0]?.visibility).to.equal('public');
  });

  // A transaction that was to make a project public and failed in its end would otherwise have given
  // its images away in between: on one connection, reads see what is not committed.
  it('see nothing of a transaction before it is committed, nor when it is rolled back', async () => {
    const seen: number[] = [];

    await store
      .write(async ({ projects }) => {
        await projects.add({ path: PATH, visibility: 'public', createdAt: CREATED });
        seen.push(await found());
        throw new Error('changed my mind');
      })
      .catch(() => null);
    seen.push(await found());
    await store.write(async ({ projects }) => {
      await projects.add({ path: PATH, visibility: 'public', createdAt: CREATED });
    });
    seen.push(await found());

    expect(seen).to.deep.equal([0, 0, 1]);
  });

  it('read a row again only once anything was written, by this process or by another', async () => {
    await other.projects.add({ path: PATH, visibility: 'private', createdAt: CREATED });
    async function project(): Promise<unknown> {
      return (await lookUpProjects(store, [PATH]))[0];
    }

    const first = await project();
    const second = await project();
    await other.projects.add({ path: 'tanuki/other', visibility: 'private', createdAt: CREATED });
    const third = await project();
    await store.projects.add({ path: 'tanuki/third', visibility: 'private', createdAt: CREATED });
    const fourth = await project();

    expect(second === first).to.equal(true);
    expect([third === first, fourth === third]).to.deep.equal([false, false]);
    expect([third, fourth]).to.deep.equal([first, first]);
  });

  it('see a change after thousands of other names, found or not, were asked for', async () => {
    await other.projects.add({ path: PATH, visibility: 'private', createdAt: CREATED });
    const [{ id } = { id: 0 }] = await lookUpProjects(store, [PATH]);
    const names = Array.from({ length: 25_000 }, (_, number) => `tanuki/app-${number}`);

    const among = await lookUpProjects(store, [...names, PATH, ...names]);
    await other.projects.setVisibility(id, 'public');
    const after = await lookUpProjects(store, [...names, PATH]);

    expect(among.map(({ visibility }) => visibility)).to.deep.equal(['private']);
    expect(after.map(({ visibility }) => visibility)).to.deep.equal(['public']);
  }).timeout(20_000);

  // Anybody may ask for names and present secrets that are not there. That they are not there is kept too.
  it('keep no more than their bound of what strangers ask for', async () => {
    const kept = await megabytesKeptBy(async () => {
      for (let turn = 0; turn < 100; turn += 1) {
        const names = Array.from({ length: 1000 }, (_, number) => `stranger/${turn}/${number}`);
        await lookUpProjects(store, names);
        await Promise.all(
          names.map(async (name) => {
            const secretDigest = new Secret(name).digestText();
            return await store.lookUp({ secretDigest, prefixes: [] });
          }),
        );
      }
    });

    expect(kept).to.be.below(8);
  }).timeout(60_000);

  it('keep names, and not the requests that they stood in', async () => {
    const kept = await megabytesKeptBy(async () => {
      for (let number = 0; number < 20; number += 1) {
        await lookUpProjects(store, [endOfAMegabyte(`tanuki/application-${number}`)]);
      }
    });

    expect(kept).to.be.below(5);
  });

  it('do not wait for a transaction of this process or of another', async () => {
    let atTheSameTime = -1;

    await other.write(async ({ projects }) => {
      await projects.add({ path: PATH, visibility: 'public', createdAt: CREATED });
      atTheSameTime = await found();
    });

    expect(atTheSameTime).to.equal(0);
  });

  it('fail alone where a row cannot be read, not with what is asked beside it', async () => {
    await other.projects.add({ path: PATH, visibility: 'private', createdAt: CREATED });
    const broken = await other.projects.add({
      path: 'tanuki/broken',
      visibility: 'private',
      createdAt: CREATED,
    });
    await other.write(async ({ projects }) => {
      // @ts-expect-error a visibility that this version does not know
      await projects.setVisibility(broken.id, 'secret');
    });

    const [good, bad] = await Promise.allSettled([
      lookUpProjects(store, [PATH]),
      lookUpProjects(store, ['tanuki/broken']),
    ]);

    expect([good.status, bad.status]).to.deep.equal(['fulfilled', 'rejected']);
  });
});
