import { expect } from 'chai';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';
import { MIGRATIONS } from '../../src/store/migrations/index.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { usersIn } from '../support/rows.js';

/** `create` gives an empty database, each time another one, that can be opened several times. */
export function describeSchemaVersion(name: string, create: () => Promise<DatabaseSettings>): void {
  describe(`schema version on ${name}`, () => {
    it('is made once by many that start at once', async function manyAtOnce() {
      this.timeout(20_000);
      const settings = await create();

      const opened = await Promise.all(
        Array.from({ length: 6 }, async () => await openCurrentStore(settings, { migrate: true })),
      );

      const [first] = opened;
      const users = first && (await usersIn(first.store));
      await Promise.all(opened.map(async ({ store }) => await store.close()));
      const run = opened.flatMap(({ migrations }) => migrations);
      expect(run).to.have.members(MIGRATIONS.map((migration) => migration.name));
      expect(users).to.deep.equal([]);
    });

    it('of a newer release is refused, by who serves and by who migrates, and left alone', async () => {
      const settings = await create();
      const { store } = await openCurrentStore(settings, { migrate: true });
      await store.close();
      const { db, close } = await openDatabase(settings, []);
      await db.query(
        "INSERT INTO migrations (timestamp, name) VALUES (1999999999999, 'Future1999999999999')",
      );

      const refusals = await Promise.all(
        [true, false].map(async (migrate) => await refusalOf(settings, migrate)),
      );

      const names: unknown = await db.query('SELECT COUNT(*) AS number FROM migrations');
      await close();
      for (const refusal of refusals) {
        expect(refusal).to.include('is of a newer version of Pullgate (Future1999999999999)');
      }
      expect(JSON.stringify(names)).to.include(String(MIGRATIONS.length + 1));
    });
  });
}

export async function refusalOf(settings: DatabaseSettings, migrate: boolean): Promise<string> {
  try {
    const { store } = await openCurrentStore(settings, { migrate });
    await store.close();
    return 'opened';
  } catch (error) {
    return String(error);
  }
}
