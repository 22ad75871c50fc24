import { expect } from 'chai';
import { createConnection, type Connection } from 'mysql2/promise';
import { openDatabase, type DatabaseSettings } from '../../src/store/databases.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import { describeDenials } from '../store/denial-suite.js';
import { describeCompanions } from '../store/companions-suite.js';
import { describeDeployTokenOverview } from '../store/deploy-token-overview.js';
import { describeLfs } from '../store/lfs-suite.js';
import { describeListPlans } from '../store/list-plans.js';
import { describeRegistryWalk } from '../store/registry-walk-suite.js';
import { describeRevocations } from '../store/revocation-suite.js';
import { describeSchemaVersion, refusalOf } from '../store/schema-version.js';
import { describeSteadyClock } from '../store/steady-clock-suite.js';
import { describeStore } from '../store/store-suite.js';
import { describeUpgradeOfPermissions } from '../store/upgrade-permissions.js';
import { describeUpgrade } from '../store/upgrade.js';
import { CONTRARY, settingsFor } from '../support/database.js';
import { startDatabase, type DatabaseServer } from '../support/database-server.js';

describe('on a server with another time zone, character set and mode than ours', () => {
  let server: DatabaseServer;

  before(async () => {
    server = await startDatabase(CONTRARY);
  });

  after(async () => {
    await server?.stop();
  });

  async function create(): Promise<DatabaseSettings> {
    return settingsFor(await server.createDatabase());
  }

  describeStore({ name: 'MySQL', create });
  describeListPlans({ name: 'MySQL', create });
  describeRegistryWalk({ name: 'MySQL', create });
  describeDenials({ name: 'MySQL', create });
  describeLfs({ name: 'MySQL', create });
  describeRevocations({ name: 'MySQL', create });
  describeDeployTokenOverview({ name: 'MySQL', create });
  describeCompanions({ name: 'MySQL', create });
  describeSteadyClock({ name: 'MySQL', create });
  describeSchemaVersion('MySQL', create);
  describeUpgrade('MySQL', create);
  describeUpgradeOfPermissions('MySQL', create);

  it('an empty database is not migrated by who only serves, and the way on is told', async () => {
    const refusal = await refusalOf(await create(), false);

    expect(refusal).to.include('Run `pullgate migrate` first, or serve with --migrate');
  });

  it('a username is found by its own letters alone: no accents, widths or blanks are passed over', async () => {
    const { store } = await openCurrentStore(await create(), { migrate: true });
    const names = ['ada', 'àda', 'ada ', 'adá', 'ａda', 'ad', 'ada\u0000', '𝒶da'];
    const added = await store.users.add({
      username: 'ada',
      displayName: '👩‍💻',
      passwordHash: null,
      isAdmin: false,
      createdAt: new Date(),
    });

    const found = await Promise.all(
      names.map(async (name) => (await store.users.findByUsername(name))?.id ?? null),
    );

    await store.close();
    expect(found).to.deep.equal([added.id, ...names.slice(1).map(() => null)]);
  });

  it('the load of the pool is told: what is in use, what waits, and nothing afterwards', async () => {
    const settings = settingsFor(await server.createDatabase(), { poolSize: 1 });
    const { store } = await openCurrentStore(settings, { migrate: true });
    const atRest = store.poolLoad();
    const waiting: Promise<void>[] = [];

    const [duringWrite, whileOneWaits] = await store.write(async ({ users }) => {
      await users.findByUsername('ada');
      const inUse = store.poolLoad();
      const waits = store.ping();
      const busy = store.poolLoad();
      // It gets its connection once this transaction is over.
      waiting.push(waits);
      return [inUse, busy];
    });
    await Promise.all(waiting);
    const afterwards = store.poolLoad();

    await store.close();
    expect(atRest).to.deep.equal({ used: 0, waiting: 0, limit: 1 });
    expect(duringWrite).to.deep.equal({ used: 1, waiting: 0, limit: 1 });
    expect(whileOneWaits).to.deep.equal({ used: 1, waiting: 1, limit: 1 });
    expect(afterwards).to.deep.equal(atRest);
  });

  it('a server without a connection left has its requests wait for those that there are', async () => {
    const url = await server.createDatabase();
    const { store } = await openCurrentStore(settingsFor(url), { migrate: true });
    await store.ping();
    const others: Connection[] = [];
    await server.administer('SET GLOBAL max_connections = 10');
    for (let left = true; left && others.length < 20;) {
      const other = await createConnection(url).catch(() => null);
      left = other !== null;
      others.push(...(other === null ? [] : [other]));
    }

    const asked = await Promise.allSettled(
      Array.from({ length: 40 }, async (_, index) =>
        index % 2 === 0
          ? await store.users.findById(1)
          : await store.lookUp({ secretDigest: null, prefixes: ['a/b'] }),
      ),
    );
    const written = await store.write(async ({ users }) => await users.findById(1));

    for (const other of others) {
      other.destroy();
    }
    await server.administer('SET GLOBAL max_connections = 151');
    await store.close();
    expect(others.length).to.be.greaterThan(0);
    expect(new Set(asked.map(({ status }) => status))).to.deep.equal(new Set(['fulfilled']));
    expect(written).to.equal(null);
  });

  it('every table compares text byte by byte, those of later migrations too', async () => {
    const settings = await create();
    const { store } = await openCurrentStore(settings, { migrate: true });
    const { db, close } = await openDatabase(settings, []);

    const collations: unknown = await db.query(
      `SELECT DISTINCT table_collation AS collation FROM information_schema.tables
       WHERE table_schema = DATABASE()`,
    );

    await close();
    await store.close();
    expect(JSON.stringify(collations)).to.match(/^\[\{"collation":"utf8mb4_(nopad|0900)_bin"\}\]$/);
  });

  it('a value that is made to look like SQL stays a value', async () => {
    // With NO_BACKSLASH_ESCAPES on the server, a backslash before a quote would end the text early
    // and run the rest.
    const { store } = await openCurrentStore(await create(), { migrate: true });
    const displayName = "\\'; DROP TABLE users; -- \\";

    const { id } = await store.users.add({
      username: 'mallory',
      displayName,
      passwordHash: null,
      isAdmin: false,
      createdAt: new Date(),
    });

    const found = await store.users.findById(id);
    await store.close();
    expect(found?.displayName).to.equal(displayName);
  });
});
