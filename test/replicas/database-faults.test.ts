import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { z } from 'zod';
import { settingsFor, startMariadb, type OwnDatabaseServer } from '../support/database.js';
import { openCurrentStore } from '../../src/store/open-store.js';
import {
  createByForm,
  namesOfTokens,
  putUnderLoad,
  signedInAt,
  startReplicas,
  tokenStatus,
  type Replica,
  type Replicas,
  type TestToken,
} from '../support/replicas.js';
import { eventually } from '../support/run.js';
import { askByGet, basic, send, type Login } from '../support/token-client.js';
import { usersIn } from '../support/rows.js';

const PROJECT = 'tanuki/awesome_project';

const Readiness = z.looseObject({ writes: z.string() });

interface Fault {
  readonly title: string;
  readonly happen: (server: OwnDatabaseServer) => Promise<void>;
  readonly mend: (server: OwnDatabaseServer) => Promise<void>;
}

const FAULTS: readonly Fault[] = [
  {
    title: 'is shut down',
    happen: async (server) => await server.shutDown(),
    mend: async (server) => await server.startAgain(),
  },
  {
    title: 'is killed',
    happen: async (server) => await server.kill(),
    mend: async (server) => await server.startAgain(),
  },
  {
    title: 'takes connections and answers nothing',
    happen: async (server) => await Promise.resolve(server.freeze()),
    mend: async (server) => await Promise.resolve(server.thaw()),
  },
];

describe('a database that fails under load', () => {
  let server: OwnDatabaseServer;
  let replicas: Replicas;
  let token: TestToken;

  before(async () => {
    server = await startMariadb();
    replicas = await startReplicas(await server.createDatabase());
    await replicas.addProject(PROJECT);
    token = await replicas.addToken(PROJECT);
  });

  after(async () => {
    await replicas?.stop();
    await server?.stop();
  });

  for (const { title, happen, mend } of FAULTS) {
    it(`and ${title}: every door answers 503, readiness is red, and all is well again by itself`, async () => {
      const [a, b] = replicas.all;
      const before_ = await namesOfTokens(replicas, [PROJECT]);
      const creator = await startCreating(a, title);
      const load = putUnderLoad([a, b], token, 8);
      await eventually(
        'a creation',
        async () => await Promise.resolve(creator.shown.size),
        (size) => size >= 5,
      );

      await happen(server);
      await eventually('readiness turning red', readinessOfAll, areAll(503));
      const doors = await askEveryDoor(b);
      await mend(server);
      const mendedAt = performance.now();
      await eventually('readiness turning green', readinessOfAll, areAll(200));
      const recoveredMs = Math.round(performance.now() - mendedAt);
      const again = await createByForm(await signedInAt(b), PROJECT, `after ${title}`);

      await load.stop();
      await creator.stop();
      const statuses = load.statuses();
      process.stderr.write(
        `      ${title}: ${JSON.stringify(statuses)}, slowest answer ${load.slowestMs()} ms, ` +
          `ready ${recoveredMs} ms after the database\n`,
      );
      expect(doors).to.deep.equal([
        '503 application/json; charset=utf-8 retry-after 5',
        '503 text/plain; charset=utf-8 retry-after 5',
        '503 text/html; charset=utf-8 retry-after 5',
        '503 application/json retry-after 5',
      ]);
      expect(Object.keys(statuses)).to.have.members(['200', '503']);
      expect(await statusesOf(b, [...creator.shown.values(), again])).to.deep.equal([200]);
      const made = (await namesOfTokens(replicas, [PROJECT])).slice(before_.length);
      expect(made).to.include.members([...creator.shown.keys()]);
      expect(new Set(made).size).to.equal(made.length);
    });
  }

  it('keeps no more statements waiting than it may: those past it are refused at once', async () => {
    const [a] = replicas.all;
    server.freeze();

    const statuses = await Promise.all(
      Array.from({ length: 500 }, async () => await tokenStatus(a, token)),
    );

    const health = await send(a.origin, { method: 'GET', target: '/-/health' });
    server.thaw();
    await eventually('readiness turning green', readinessOfAll, areAll(200));
    expect([...new Set(statuses)]).to.deep.equal([503]);
    expect(health.status).to.equal(200);
    expect(await tokenStatus(a, token)).to.equal(200);
  });

  it('is told of to whoever starts the service or runs a command meanwhile', async () => {
    await server.shutDown();

    const served = await replicas.cli('serve');
    const listed = await replicas.cli('user', 'list');

    await server.startAgain();
    for (const { code, stderr } of [served, listed]) {
      expect(code).to.equal(1);
      expect(stderr).to.match(
        /^pullgate: The database at 127\.0\.0\.1:\d+ cannot be used: connect ECONNREFUSED/,
      );
      expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1);
    }
  });

  it('and only reads: pulls go on, changes are refused as an outage, and readiness says which', async () => {
    const [a] = replicas.all;
    await server.administer('SET GLOBAL read_only = 1');

    await eventually(
      'readiness telling of it',
      writesOf,
      isWord('the database server is read-only'),
    );
    const pull = await tokenStatus(a, token);
    const ready = await readinessOfAll();
    const refused = await replicas.cli('project', 'create', 'tanuki/read-only');
    await server.administer('SET GLOBAL read_only = 0');
    await eventually('readiness telling that it is over', writesOf, isWord('ok'));

    expect(pull).to.equal(200);
    expect(ready).to.deep.equal([200, 200]);
    expect(refused.code).to.equal(1);
    expect(refused.output).to.contain('cannot do that just now: the database server is read-only');
  });

  it('has a write repeated whose transaction was rolled back because of another one', async () => {
    const { store } = replicas;
    const runs: number[] = [];

    const user = await store.write(async ({ users }) => {
      runs.push(runs.length);
      if (runs.length === 1) {
        throw Object.assign(new Error('Deadlock found'), { errno: 1213 });
      }
      return await users.add({
        username: 'repeated',
        displayName: 'R',
        passwordHash: null,
        isAdmin: false,
        createdAt: new Date(),
      });
    });

    expect(runs).to.have.lengthOf(2);
    expect(await store.users.findByUsername('repeated')).to.deep.equal(user);
  });

  it('lets nobody wait behind a lock that another replica holds and does not give back', async () => {
    const url = await server.createDatabase();
    const { store } = await openCurrentStore(settingsFor(url), { migrate: true });
    const impatient = await openCurrentStore(settingsFor(url, { timeoutMs: 300 }), {
      migrate: false,
    });
    const lock = new EventEmitter();
    const givenBack = once(lock, 'given back');
    let isHeld = false;
    const held = store.write(async () => {
      isHeld = true;
      await givenBack;
    });
    await eventually(
      'the lock being held',
      async () => await store.ping().then(() => isHeld),
      (is) => is,
    );

    const outcomes = await Promise.allSettled(
      [1, 2, 3].map(
        async () => await impatient.store.write(async (stores) => await usersIn(stores)),
      ),
    );
    const read = await usersIn(impatient.store);

    lock.emit('given back');
    await held;
    const late = await impatient.store.write(async (stores) => await usersIn(stores));
    await impatient.store.close();
    await store.close();
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason)))
      .to.have.lengthOf(3)
      .and.satisfy((texts: unknown[]) =>
        texts.every((text) => String(text).includes('The database does not answer just now')),
      );
    expect(read).to.deep.equal(late);
  });

  async function writesOf(): Promise<string> {
    const [{ origin }] = replicas.all;
    const { body } = await send(origin, { method: 'GET', target: '/-/readiness' });
    return Readiness.parse(body).writes;
  }

  async function readinessOfAll(): Promise<number[]> {
    return await Promise.all(
      replicas.all.map(
        async ({ origin }) =>
          (await send(origin, { method: 'GET', target: '/-/readiness' })).status,
      ),
    );
  }

  async function askEveryDoor({ origin }: Replica): Promise<string[]> {
    const registry = await askByGet(origin, { login: token });
    const git = await send(origin, {
      method: 'GET',
      target: `/${PROJECT}.git/info/refs?service=git-upload-pack`,
      headers: { authorization: basic(token) },
    });
    const page = await send(origin, {
      method: 'GET',
      target: '/',
      headers: { accept: 'text/html', cookie: 'pullgate_session=whoever' },
    });
    const api = await send(origin, {
      method: 'GET',
      target: '/api/v4/projects',
      headers: { 'private-token': 'glpat-whatever' },
    });
    return [registry, git, page, api].map(
      ({ status, headers }) =>
        `${status} ${headers['content-type']} retry-after ${headers['retry-after']}`,
    );
  }
});

interface Creator {
  /** By name, the deploy tokens whose secrets were shown. */
  readonly shown: ReadonlyMap<string, Login>;
  readonly stop: () => Promise<void>;
}

/** Somebody who creates deploy tokens without a rest, and never tries the same one twice. */
async function startCreating(replica: Replica, prefix: string): Promise<Creator> {
  const client = await signedInAt(replica);
  const shown = new Map<string, Login>();
  const over = new AbortController();
  async function createUntilOver(): Promise<void> {
    for (let number = 0; !over.signal.aborted; number += 1) {
      const name = `${prefix} ${number}`;
      const made = await createByForm(client, PROJECT, name).catch(() => null);
      if (made !== null) {
        shown.set(name, made);
      }
    }
  }
  const creating = createUntilOver();
  return {
    shown,
    async stop() {
      over.abort();
      await creating;
    },
  };
}

function isWord(word: string): (seen: string) => boolean {
  return (seen) => seen === word;
}

function areAll(status: number): (seen: readonly number[]) => boolean {
  return (seen) => seen.every((one) => one === status);
}

async function statusesOf(replica: Replica, logins: readonly Login[]): Promise<number[]> {
  const statuses = new Set<number>();
  for (const login of logins) {
    statuses.add((await askByGet(replica.origin, { login })).status);
  }
  return [...statuses];
}
