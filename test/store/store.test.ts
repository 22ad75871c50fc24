import { expect } from 'chai';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/store/open-store.js';
import { tablesFor } from '../../src/store/tables.js';

describe('store', () => {
  it('has migrations that say the same as the tables', async () => {
    const location = { type: 'sqlite', file: ':memory:' } as const;
    const db = new DataSource(await dataSourceOptions(location, tablesFor('sqlite')));
    await db.initialize();
    await db.runMigrations();

    const { upQueries } = await db.driver.createSchemaBuilder().log();

    expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
    await db.destroy();
  });
});
