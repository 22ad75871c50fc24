import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { DeployToken, DeployTokenOwner } from '../../src/access/deploy-token.js';
import { openCurrentStore, type Store } from '../../src/store/open-store.js';
import { settingsFor, startMariadb, type OwnDatabaseServer } from '../support/database.js';
import { lookUpDeployToken, lookUpProjects } from '../support/lookups.js';
import { eventually } from '../support/run.js';

const CREATED = new Date('2025-03-30T01:59:59.001Z');
const LATER = new Date('2026-12-31T23:59:59.999Z');

describe('lookups on connections that are kept', () => {
  let server: OwnDatabaseServer;
  let url: string;
  let store: Store;

  before(async () => {
    server = await startMariadb();
    url = await server.createDatabase();
    ({ store } = await openCurrentStore(settingsFor(url), { migrate: true }));
  });

  after(async () => {
    await store?.close();
    await server?.stop();
  });

  interface Stored {
    readonly token: DeployToken;
    readonly digest: Buffer;
  }

  async function addToken(
    owner: DeployTokenOwner,
    more: Partial<DeployToken> = {},
  ): Promise<Stored> {
    const secretDigest = randomBytes(32);
    const token = await store.deployTokens.add({
      owner,
      only: null,
      name: 'ci 🚀',
      username: null,
      scopes: ['read_registry'],
      expiresAt: null,
      createdAt: CREATED,
      createdBy: null,
      secretDigest,
      ...more,
    });
    return { token, digest: secretDigest };
  }

  async function killAll(): Promise<void> {
    const user = /\/\/(\w+):/.exec(url)?.[1] ?? '';
    await server.administer(`KILL CONNECTION USER '${user}'@'%'`);
  }

  it('give tokens of every owner and their projects in one turn, column by column as the stores do', async () => {
    const user = await store.users.add({
      username: 'ada',
      displayName: 'Ada',
      passwordHash: null,
      isAdmin: false,
      createdAt: CREATED,
    });
    const project = await store.projects.add({
      path: 'tanuki/App',
      visibility: 'internal',
      createdAt: CREATED,
    });
    await store.projects.setArchivedAt(project.id, LATER);
    const stored = [
      await addToken({ kind: 'instance' }, { only: ['a/b', 'c'], username: 'robot' }),
      await addToken(
        { kind: 'project', id: project.id },
        { expiresAt: LATER, createdBy: user.id, scopes: ['read_registry', 'read_repository'] },
      ),
    ];
    await store.deployTokens.revoke(stored[0]?.token.id ?? 0, LATER, user.id);

    const [found, projects, ...missing] = await Promise.all([
      Promise.all(stored.map(async ({ digest }) => await lookUpDeployToken(store, digest))),
      lookUpProjects(store, ['tanuki/app', 'tanuki/none', 'tanuki/app']),
      lookUpDeployToken(store, randomBytes(32)),
      lookUpProjects(store, ['other']),
    ]);

    const expected = await Promise.all(
      stored.map(async ({ token }) => await store.deployTokens.findById(token.id)),
    );
    const archived = await store.projects.findById(project.id);
    expect(found).to.deep.equal(expected);
    expect(projects).to.deep.equal([archived, archived]);
    expect(missing).to.deep.equal([null, []]);
  });

  it('see at the next question what another server has revoked, 100 times in a row', async () => {
    const other = await openCurrentStore(settingsFor(url), { migrate: false });
    const seen = new Set<string>();
    for (let turn = 0; turn < 100; turn += 1) {
      const { token, digest } = await addToken({ kind: 'instance' });
      const before_ = await lookUpDeployToken(store, digest);
      await other.store.write(async ({ deployTokens }) => {
        await deployTokens.revoke(token.id, LATER, null);
      });
      const after_ = await lookUpDeployToken(store, digest);
      seen.add(
        `${before_?.revokedAt === null} ${after_?.revokedAt?.getTime() === LATER.getTime()}`,
      );
    }

    await other.store.close();
    expect([...seen]).to.deep.equal(['true true']);
  });

  it('go on when the server has killed every connection, whether or not one was kept', async () => {
    const { digest } = await addToken({ kind: 'instance' });
    const found = [];
    for (let turn = 0; turn < 20; turn += 1) {
      found.push(await lookUpDeployToken(store, digest));
      await killAll();
      found.push(await lookUpDeployToken(store, digest));
    }

    expect(found.filter((token) => token === null)).to.deep.equal([]);
  });

  it('leave a connection to who waits for one: a pool of one serves lookups, writes and reads', async () => {
    const one = await openCurrentStore(settingsFor(url, { poolSize: 1 }), { migrate: false });
    const { digest } = await addToken({ kind: 'instance' });
    const found = [];
    for (let turn = 0; turn < 20; turn += 1) {
      found.push(await lookUpDeployToken(one.store, digest));
      const together = await Promise.all([
        one.store.write(async ({ users }) => await users.findById(1)),
        lookUpDeployToken(one.store, digest),
        one.store.users.findById(1),
      ]);
      found.push(together[1]);
    }

    const load = one.store.poolLoad();
    await one.store.close();
    expect(found.filter((token) => token === null)).to.deep.equal([]);
    expect(load).to.deep.equal({ used: 0, waiting: 0, limit: 1 });
  });

  it('fail in time on a server that answers nothing, and go on when it does again', async () => {
    const hasty = await openCurrentStore(settingsFor(url, { timeoutMs: 400 }), { migrate: false });
    const { digest } = await addToken({ kind: 'instance' });
    await lookUpDeployToken(hasty.store, digest);
    server.freeze();

    const outcomes = await Promise.all(
      [1, 2, 3].map(async () => await lookUpDeployToken(hasty.store, digest).catch(String)),
    );
    server.thaw();

    await eventually(
      'an answer',
      async () => await lookUpDeployToken(hasty.store, digest).catch(() => null),
      (token) => token !== null,
    );
    await hasty.store.close();
    expect(new Set(outcomes.map(String))).to.deep.equal(
      new Set(['AppError: The database does not answer just now. Try again in a moment.']),
    );
  });

  it('go to the next host when the one in use is killed', async () => {
    const second = await startMariadb();
    const ports = [second.port, server.port];
    const both = url.replace(/@[^/]+/, `@${ports.map((port) => `127.0.0.1:${port}`).join(',')}`);
    // The same name, user and password on both, as on the members of a cluster.
    await copyDatabaseName(second, url);
    const opened = await openCurrentStore(settingsFor(both), { migrate: true });
    const { digest } = await addToken({ kind: 'instance' });
    const before_ = await lookUpDeployToken(opened.store, digest);
    await second.kill();

    const after_ = await lookUpDeployToken(opened.store, digest);

    await opened.store.close();
    await second.stop();
    // Told apart by what they hold: these two are no cluster.
    expect([before_ === null, after_ === null]).to.deep.equal([true, false]);
  });
});

/** An empty database there that this URL opens as well. */
async function copyDatabaseName(server: OwnDatabaseServer, url: string): Promise<void> {
  const [, user = '', password = '', database = ''] =
    /\/\/(\w+):([^@]+)@[^/]+\/(\w+)/.exec(url) ?? [];
  await server.administer(
    `CREATE DATABASE IF NOT EXISTS ${database}`,
    `CREATE OR REPLACE USER ${user}@'%' IDENTIFIED BY '${decodeURIComponent(password)}'`,
    `GRANT ALL ON ${database}.* TO ${user}@'%'`,
  );
}
