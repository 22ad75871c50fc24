import { expect } from 'chai';
import { NOBODYS, type Denial, type DenialList } from '../../src/access/denial.js';
import type { DenialFilter } from '../../src/store/denial-store.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import type { TestedDatabase } from './store-suite.js';

const EARLY = new Date('2025-03-30T01:59:59.001Z');
const LATE = new Date('2026-12-31T23:59:59.999Z');
const FIRST = { limit: 100, start: { after: null }, total: false } as const;

function aDenial(overrides: Partial<Denial> = {}): Denial {
  return {
    deployTokenId: 7,
    userId: null,
    door: 'registry',
    projectId: 1,
    repository: 'tanuki/awesome_project',
    actions: ['pull', 'push'],
    reason: 'other_project',
    count: 1,
    firstAt: EARLY,
    lastAt: EARLY,
    address: '2001:db8::1',
    userAgent: 'containerd/1.7 ñ',
    grantedElsewhereAt: null,
    ...overrides,
  };
}

/** What was refused, on every database. */
export function describeDenials({ name, create }: TestedDatabase): void {
  describe(`what was refused on ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
    });

    afterEach(async () => {
      await store.close();
    });

    async function add(...denials: Denial[]): Promise<void> {
      await store.write(async (stores) => {
        await stores.denials.add(denials);
      });
    }

    async function found(list: DenialFilter['list'], text = ''): Promise<readonly Denial[]> {
      return (await store.denials.page({ list, text }, FIRST)).items;
    }

    it('comes back as it was added, in the list of each that it concerns', async () => {
      const login = aDenial({ userId: 3, deployTokenId: null, projectId: null, repository: null });
      await add(aDenial(), { ...login, actions: [], reason: 'blocked' });

      expect(await found({ kind: 'deploy-token', id: 7 })).to.deep.equal([aDenial()]);
      expect(await found({ kind: 'project', id: 1 })).to.deep.equal([aDenial()]);
      expect(await found({ kind: 'user', id: 3 })).to.deep.equal([
        { ...login, actions: [], reason: 'blocked' },
      ]);
      expect(await found(NOBODYS)).to.deep.equal([]);
      expect(await found(null)).to.have.lengthOf(2);
    });

    it('is one row where it is alike, with what came last', async () => {
      await add(aDenial({ count: 2 }));
      await add(aDenial({ count: 3, lastAt: LATE, firstAt: LATE, address: '192.0.2.1' }));
      await add(aDenial({ count: 0, grantedElsewhereAt: LATE }));

      expect(await found({ kind: 'deploy-token', id: 7 })).to.deep.equal([
        aDenial({ count: 5, lastAt: LATE, address: '192.0.2.1', grantedElsewhereAt: LATE }),
      ]);
    });

    it('is kept fifty times a list, and five times of strangers', async () => {
      const strangers: Partial<Denial> = { deployTokenId: null };
      for (let index = 0; index < 60; index += 1) {
        const lastAt = new Date(EARLY.getTime() + index);
        const repository = `tanuki/awesome_project/${index}`;
        await add(aDenial({ repository, lastAt }), aDenial({ ...strangers, repository, lastAt }));
      }

      const ofToken = await found({ kind: 'deploy-token', id: 7 });
      const ofProject = await found({ kind: 'project', id: 1 });
      expect(ofToken.map(({ repository }) => repository)).to.include('tanuki/awesome_project/59');
      expect(ofToken).to.have.lengthOf(50);
      expect(ofProject.filter(({ deployTokenId }) => deployTokenId === null)).to.have.lengthOf(5);
      expect(ofProject.length).to.be.at.most(50);
    });

    it('is found by a part of the name of the repository, where % is a letter', async () => {
      await add(aDenial(), aDenial({ repository: 'tanuki/other' }));

      expect(await found(null, 'OTHER')).to.have.lengthOf(1);
      expect(await found(null, '%')).to.deep.equal([]);
    });

    it('is listed page by page, the latest first', async () => {
      const lists: DenialList = { kind: 'deploy-token', id: 7 };
      await add(
        aDenial({ repository: 'a', lastAt: LATE }),
        aDenial({ repository: 'b' }),
        aDenial({ repository: 'c' }),
      );

      const filter = { list: lists, text: '' };
      const first = await store.denials.page(filter, { ...FIRST, limit: 2 });
      const second = await store.denials.page(filter, { ...FIRST, start: { after: first.next } });
      const names = [...first.items, ...second.items].map(({ repository }) => repository);
      expect(names).to.deep.equal(['a', 'c', 'b']);
    });

    it('is removed by age, so many at once', async () => {
      await add(aDenial(), aDenial({ repository: 'later', lastAt: LATE }));

      const removed = await store.write(async ({ denials }) => await denials.removeBefore(LATE, 1));
      expect(removed).to.equal(1);
      expect(await store.denials.removeBefore(LATE, 10)).to.equal(1);
      expect(await found(null)).to.have.lengthOf(1);
    });
  });
}
