import { expect } from 'chai';
import { removeOldAuditEvents } from '../../src/services/audit.js';
import { bySteadyClock } from '../../src/services/steady-clock.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { ANY_EVENT } from '../support/rows.js';
import type { TestedDatabase } from './store-suite.js';

const START = new Date('2031-03-01T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const UNSTOPPED = new AbortController().signal;
const RETENTION_DAYS = 365;

export function describeSteadyClock({ name, create }: TestedDatabase): void {
  describe(`retention by a clock that jumps, on ${name}`, () => {
    let store: Store;
    let clock: Date;

    beforeEach(async () => {
      ({ store } = await openCurrentStore(await create(), { migrate: true }));
      clock = START;
    });

    afterEach(async () => {
      await store.close();
    });

    async function addEvent(daysAgo: number): Promise<void> {
      await store.auditEvents.add({
        at: new Date(clock.getTime() - daysAgo * DAY_MS),
        action: 'signed_in',
        actor: 'ada',
        actorId: null,
        projectId: null,
        projectPath: null,
        namespaceId: null,
        namespacePath: null,
        subject: '',
        subjectId: null,
        detail: '',
        origin: { door: 'web', address: null, requestId: null },
      });
    }

    async function look(): Promise<void> {
      const deps = { store, now: () => clock };
      await bySteadyClock(
        deps,
        async () => await removeOldAuditEvents(deps, RETENTION_DAYS, UNSTOPPED),
      );
    }

    /** As hourly upkeep does it, in longer steps. */
    async function runFor(days: number): Promise<void> {
      for (let day = 0; day < days; day += 1) {
        jump(1);
        await look();
      }
    }

    function jump(days: number): void {
      clock = new Date(clock.getTime() + days * DAY_MS);
    }

    async function kept(): Promise<number> {
      const page = await store.auditEvents.page(ANY_EVENT, {
        limit: 100,
        start: { after: null },
        total: false,
      });
      return page.items.length;
    }

    it('removes what is too old once the clock has run for a week', async () => {
      await addEvent(RETENTION_DAYS + 1);
      await look();
      await runFor(6);
      const before = await kept();

      await runFor(1);

      expect([before, await kept()]).to.deep.equal([1, 0]);
    });

    it('removes nothing by a clock that is a year ahead for some days, and comes back', async () => {
      await look();
      await runFor(7);
      await addEvent(0);

      jump(366);
      await look();
      await runFor(6);
      jump(-372);
      await runFor(8);

      expect(await kept()).to.equal(1);
    });

    it('does so although the service was started again meanwhile, and others made events', async () => {
      const settings = await create();
      const first = await openCurrentStore(settings, { migrate: true });
      await store.close();
      store = first.store;
      await look();
      await runFor(7);
      await addEvent(0);
      jump(366);
      await addEvent(0);

      await look();

      expect(await kept()).to.equal(2);
    });

    it('removes nothing as long as the clocks of two servers disagree', async () => {
      await addEvent(RETENTION_DAYS + 1);
      for (let day = 0; day < 10; day += 1) {
        await runFor(1);
        jump(400);
        await look();
        jump(-400);
      }

      expect(await kept()).to.equal(1);
    });

    it('goes on removing after the clock was put right by less than a day', async () => {
      await look();
      await runFor(8);
      await addEvent(RETENTION_DAYS + 2);
      jump(-0.9);

      await look();

      expect(await kept()).to.equal(0);
    });
  });
}
