import { expect } from 'chai';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { TABLES } from '../../src/store/tables.js';
import { ANY_EVENT } from '../support/rows.js';
import { fillTables, MIGRATIONS_BEFORE } from './fill-tables.js';

const FILL_MS = 120_000;
const COUNTED = { limit: 1, start: { after: null }, total: true } as const;

/** A database of the version before, with ten thousand rows of each kind, is migrated and used. */
export function describeUpgrade(name: string, create: () => Promise<DatabaseSettings>): void {
  describe(`upgrade on ${name}`, () => {
    it('keeps what is there, and counts uses from then on', async function upgrade() {
      this.timeout(FILL_MS);
      const settings = await create();
      await makeOldDatabase(settings);

      const { store, migrations } = await openCurrentStore(settings, { migrate: true });
      const firstDay = await store.deployTokenDays.firstDay();
      await store.write(async ({ deployTokenDays }) => {
        await deployTokenDays.add([{ deployTokenId: 7, day: 20_000, uses: 3 }]);
      });

      const token = await store.deployTokens.findById(7);
      const [use] = await store.deployTokenUses.findByTokens([7]);
      const days = await store.deployTokenDays.findByTokens([7], 0);
      const filter = { ...ANY_EVENT, actor: 'ada-8' };
      const events = await store.auditEvents.page(filter, COUNTED);
      await store.close();
      expect(events.total).to.equal(1000);
      expect(migrations[0]).to.equal('DeployTokenDays1700000000012');
      expect(firstDay).to.equal(null);
      expect([token?.owner, use?.usedAt.getTime()]).to.deep.equal([{ kind: 'project', id: 8 }, 7]);
      expect(days).to.deep.equal([{ deployTokenId: 7, day: 20_000, uses: 3 }]);
    });
  });
}

async function makeOldDatabase(settings: DatabaseSettings): Promise<void> {
  const { db, close } = await openDatabase(settings, TABLES);
  db.migrations.splice(MIGRATIONS_BEFORE);
  await db.runMigrations();
  await fillTables(db);
  await close();
}
