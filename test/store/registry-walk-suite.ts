import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { AppError } from '../../src/access/errors.js';
import { registryWalker, type Catalogue } from '../../src/services/registry-walk.js';
import { registryWalk } from '../../src/services/registry-inventory.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { catalogueOf, endWalk, namesIn } from '../support/registry-inventory.js';
import type { TestedDatabase } from './store-suite.js';

const NEVER = new AbortController().signal;
const MINUTE_MS = 60_000;

/** The walk through the registry's catalogue, on every database. */
export function describeRegistryWalk({ name, create }: TestedDatabase): void {
  describe(`the walk through the registry on ${name}`, () => {
    let store: Store;
    let time: number;

    beforeEach(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
      time = Date.parse('2026-11-01T00:00:00Z');
    });

    afterEach(async () => {
      await store.close();
    });

    function now(): Date {
      return new Date(time);
    }

    /** Another process each time. */
    async function walk(catalogue: Catalogue, stopping = NEVER): Promise<void> {
      await registryWalker({ store, now, catalogue, betweenPagesMs: 0 })(stopping);
    }

    it('finds every repository, page after page, and tells when it ended', async () => {
      const catalogue = catalogueOf(() => ['a/b', 'c', 'd/e/f', 'g/h', 'i/j'], 2);

      await walk(catalogue);

      expect(await namesIn(store)).to.deep.equal(['a/b', 'c', 'd/e/f', 'g/h', 'i/j']);
      expect(catalogue.asked).to.deep.equal([null, '2', '4']);
      const { endedAt, startedAt, seen } = await registryWalk({ store }, OPERATOR);
      expect({ endedAt, startedAt, seen }).to.deep.equal({
        endedAt: now(),
        startedAt: null,
        seen: 5,
      });
    });

    it('leaves out what is no name of a repository, and takes a name that comes twice once', async () => {
      await endWalk(store, ['a/b', 'a/b', 'UPPER/case', '../../etc', 'a//b', 'x'.repeat(300), 'é']);

      expect(await namesIn(store)).to.deep.equal(['a/b']);
    });

    it('forgets what a whole walk no longer finds, and nothing before its end', async () => {
      const names = { now: ['a/b', 'c/d', 'e/f'] };
      const catalogue = catalogueOf(() => names.now, 1);
      await walk(catalogue);
      names.now = ['a/b', 'g/h'];
      time += 11 * MINUTE_MS;
      const stopping = new AbortController();
      const stopped: Catalogue = {
        async page(query) {
          stopping.abort();
          return await catalogue.page(query);
        },
      };

      await walk(stopped, stopping.signal);
      const half = await namesIn(store);
      await walk(catalogue);

      expect(half).to.deep.equal(['a/b', 'c/d', 'e/f']);
      expect(await namesIn(store)).to.deep.equal(['a/b', 'g/h']);
    });

    it('goes on where it was stopped, in whichever process', async () => {
      const catalogue = catalogueOf(() => ['a/a', 'b/b', 'c/c', 'd/d'], 1);
      const stopping = new AbortController();
      const untilTheSecond: Catalogue = {
        async page(query) {
          if (query === '1') {
            stopping.abort();
          }
          return await catalogue.page(query);
        },
      };
      await walk(untilTheSecond, stopping.signal);
      const { seen, endedAt } = await registryWalk({ store }, OPERATOR);

      await walk(catalogue);

      expect({ seen, endedAt }).to.deep.equal({ seen: 2, endedAt: null });
      expect(catalogue.asked).to.deep.equal([null, '1', '2', '3']);
      expect(await namesIn(store)).to.have.lengthOf(4);
    });

    it('is walked by one process at a time', async () => {
      const other = catalogueOf(() => ['x/x'], 1);
      const catalogue = catalogueOf(() => ['a/a', 'b/b'], 1);

      await walk({
        async page(query) {
          await walk(other);
          return await catalogue.page(query);
        },
      });

      expect(other.asked).to.deep.equal([]);
      expect(await namesIn(store)).to.deep.equal(['a/a', 'b/b']);
    });

    it('is taken over from a process that says nothing more, and what that one found is not believed', async () => {
      const catalogue = catalogueOf(() => ['a/a', 'b/b'], 1);

      await walk({
        async page() {
          time += 3 * MINUTE_MS;
          await walk(catalogue);
          return { names: ['gone/since'], next: null };
        },
      });

      expect(catalogue.asked).to.deep.equal([null, '1']);
      expect(await namesIn(store)).to.deep.equal(['a/a', 'b/b']);
    });

    it('is not walked again for ten minutes', async () => {
      const catalogue = catalogueOf(() => ['a/a'], 1);
      await walk(catalogue);
      time += 9 * MINUTE_MS;
      await walk(catalogue);
      const early = catalogue.asked.length;
      time += 2 * MINUTE_MS;

      await walk(catalogue);

      expect([early, catalogue.asked.length]).to.deep.equal([1, 2]);
    });

    it('says why it fails, leaves the registry alone for a minute, and goes on from there', async () => {
      const catalogue = catalogueOf(() => ['a/a', 'b/b'], 1);
      const { process, repair } = failing(catalogue);

      const failure = await process().catch(String);
      const known = await registryWalk({ store }, OPERATOR);
      repair();
      await process();
      const early = [...catalogue.asked];
      time += 2 * MINUTE_MS;
      await process();

      expect(failure).to.include('The registry is away.');
      expect(known.failure).to.equal('The registry is away.');
      expect(early).to.deep.equal([null]);
      expect(catalogue.asked).to.deep.equal([null, '1']);
      const { failure: after, endedAt } = await registryWalk({ store }, OPERATOR);
      expect({ after, endedAt }).to.deep.equal({ after: null, endedAt: now() });
    });

    it('goes on at once in a process that was started anew', async () => {
      const catalogue = catalogueOf(() => ['a/a', 'b/b'], 1);
      await failing(catalogue).process().catch(String);

      await walk(catalogue);

      expect(await namesIn(store)).to.deep.equal(['a/a', 'b/b']);
    });

    /** A process that cannot read the second page until it is repaired. */
    function failing(catalogue: Catalogue): {
      readonly process: () => Promise<void>;
      readonly repair: () => void;
    } {
      let isAway = true;
      const walker = registryWalker({
        store,
        now,
        betweenPagesMs: 0,
        catalogue: {
          async page(query, stopping) {
            if (isAway && query === '1') {
              throw new AppError('unavailable', 'The registry is away.');
            }
            return await catalogue.page(query, stopping);
          },
        },
      });
      return {
        process: async () => await walker(NEVER),
        repair() {
          isAway = false;
        },
      };
    }

    it('does not follow a registry that leads round in circles', async () => {
      const circle = { page: async () => await Promise.resolve({ names: ['a/a'], next: 'again' }) };

      const failure = await walk(circle).catch(String);

      expect(failure).to.include('leads on without telling more');
      expect((await registryWalk({ store }, OPERATOR)).endedAt).to.equal(null);
    });

    it('begins anew when one was not through within a day', async () => {
      const catalogue = catalogueOf(() => ['a/a', 'b/b'], 1);
      const stopping = new AbortController();
      await walk(
        {
          async page(query) {
            stopping.abort();
            return await catalogue.page(query);
          },
        },
        stopping.signal,
      );
      time += 25 * 60 * MINUTE_MS;

      await walk(catalogue);

      expect(catalogue.asked).to.deep.equal([null, null, '1']);
    });
  });
}
