import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import type { DeployTokenUse } from '../../src/access/deploy-token.js';
import { removeOldDays, usesByDay } from '../../src/services/deploy-token-days.js';
import {
  lastUsesOf,
  trackDeployTokenUses,
  type DeployTokenUses,
} from '../../src/services/deploy-token-uses.js';
import { userWho } from '../support/build.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { withApp } from '../support/with-app.js';
import { ask, basic, send } from '../support/token-client.js';
import {
  newAccessToken,
  newDeployToken,
  newMember,
  newProject,
  newProjectAndToken,
  type NewDeployToken,
} from './app-data.js';

const NOON = new Date('2031-05-01T12:00:00Z');

const NEVER = new AbortController().signal;

describe('uses of deploy tokens', () => {
  const app = withApp({ now: () => now });
  let now = NOON;

  beforeEach(() => {
    now = NOON;
  });

  async function lastUse({ token }: NewDeployToken): Promise<DeployTokenUse | undefined> {
    return (await lastUsesOf(app.service, [token])).get(token.id);
  }

  /** The service writes by itself, some time after the answer. */
  async function lastUseOnceWritten(made: NewDeployToken): Promise<DeployTokenUse> {
    for (;;) {
      const use = await lastUse(made);
      if (use !== undefined) {
        return use;
      }
      await pause(50);
    }
  }

  it('are told by the registry door, with what was asked for', async () => {
    const made = await newProjectAndToken(app);

    await ask(app.origin, 'GET', {
      login: made.login,
      scopes: [`repository:${made.project.path}/api:pull`, `repository:${made.project.path}:pull`],
    });

    expect(await lastUseOnceWritten(made)).to.deep.equal({
      deployTokenId: made.token.id,
      usedAt: NOON,
      door: 'registry',
      address: '127.0.0.1',
      userAgent: '',
      repository: `${made.project.path}/api`,
      fault: null,
    });
  });

  it('are told by the git door, with the client', async () => {
    const project = await newProject(app);
    const made = await newDeployToken(app, project, { scopes: ['read_repository'] });

    await send(app.origin, {
      method: 'GET',
      target: `/${project.path}.git/info/refs?service=git-upload-pack`,
      headers: { authorization: basic(made.login), 'user-agent': 'git/2.39.5' },
    });

    const { door, userAgent, repository } = await lastUseOnceWritten(made);
    expect([door, userAgent, repository]).to.deep.equal(['git', 'git/2.39.5', project.path]);
  });

  // What was forgotten somewhere goes on signing in with a token that has ended: its maintainers see it.
  it('are told of a token that has expired or was revoked, though it is refused', async () => {
    const project = await newProject(app);
    const expired = await newDeployToken(app, project, { expiresAt: new Date('2031-05-01') });
    const revoked = await newDeployToken(app, project);
    await revokeDeployToken(
      { store: app.service.store, now: () => now },
      OPERATOR,
      revoked.token.id,
    );

    const answers = [];
    for (const { login } of [expired, revoked]) {
      answers.push(await ask(app.origin, 'GET', { login }));
    }
    const uses = [await lastUseOnceWritten(expired), await lastUseOnceWritten(revoked)];

    expect(answers.map(({ status }) => status)).to.deep.equal([401, 401]);
    expect(uses.map(({ usedAt }) => usedAt)).to.deep.equal([NOON, NOON]);
  });

  it('are told of a secret that ends with a line break, and are not counted', async () => {
    const made = await newProjectAndToken(app);
    const { username, secret } = made.login;

    await ask(app.origin, 'GET', { login: { username, secret: `${secret}\n` } });

    expect((await lastUseOnceWritten(made)).fault).to.equal('line_break');
    const days = await usesByDay(
      { store: app.service.store, now: () => now },
      OPERATOR,
      made.token,
    );
    expect(days.every(({ uses }) => uses === 0)).to.equal(true);
  });

  it('are none where the secret was wrong, or that of a person', async () => {
    const made = await newProjectAndToken(app);
    const { user } = await newMember(app, made.project, 'developer');
    const person = await newAccessToken(app, user, ['read_registry']);
    const after = await newProjectAndToken(app);

    await ask(app.origin, 'GET', { login: { ...made.login, username: 'somebody' } });
    await ask(app.origin, 'GET', { login: { ...made.login, secret: 'gldt-guess' } });
    await ask(app.origin, 'GET', { login: person });
    await ask(app.origin, 'GET', { login: after.login });
    await lastUseOnceWritten(after);

    expect(await lastUse(made)).to.equal(undefined);
  });

  describe('are written', () => {
    let made: NewDeployToken;
    let uses: DeployTokenUses;

    beforeEach(async () => {
      made = await newProjectAndToken(app);
      uses = trackDeployTokenUses({ store: app.service.store, now: () => now });
    });

    function use(seconds: number, repository: string | null = null): void {
      now = new Date(NOON.getTime() + seconds * 1000);
      uses.observeRequest({
        door: 'registry',
        actor: { kind: 'deploy-token', token: made.token },
        clientAddress: '127.0.0.1',
        userAgent: 'containerd',
        repository,
        granted: [],
        refused: [],
        refusedCredentials: null,
      });
    }

    async function writtenSecond(): Promise<number | null> {
      const written = await lastUse(made);
      return written === undefined ? null : (written.usedAt.getTime() - NOON.getTime()) / 1000;
    }

    it('at once the first time, and then not before half a minute is over', async () => {
      const written = [];
      for (const second of [0, 1, 29, 30, 31]) {
        use(second);
        await uses.writeDue();
        written.push(await writtenSecond());
      }

      expect(written).to.deep.equal([0, 0, 0, 30, 30]);
    });

    it('though the token rests, once the half minute is over', async () => {
      use(0);
      await uses.writeDue();
      use(5);
      now = new Date(NOON.getTime() + 30_000);

      await uses.writeDue();

      expect(await writtenSecond()).to.equal(5);
    });

    it('without a wait at the end', async () => {
      use(0);
      await uses.writeDue();
      use(5);

      await uses.writeAll();

      expect(await writtenSecond()).to.equal(5);
    });

    it('later, when the database failed meanwhile', async () => {
      let isAway = true;
      uses = trackDeployTokenUses({
        store: {
          async write(work) {
            if (isAway) {
              throw new Error('away');
            }
            return await app.service.store.write(work);
          },
        },
        now: () => now,
      });
      use(0);

      const failure = await uses.writeDue().catch(String);
      isAway = false;
      await uses.writeDue();

      expect(failure).to.equal('Error: away');
      expect(await writtenSecond()).to.equal(0);
    });

    it('cut to what there is room for, and without what does not print', async () => {
      use(0, `\0${'x'.repeat(300)}`);

      await uses.writeDue();

      expect((await lastUse(made))?.repository).to.equal('x'.repeat(255));
    });

    it('for many tokens in one go', async () => {
      const many = [];
      for (let i = 0; i < 450; i += 1) {
        many.push(await newDeployToken(app, await projectOf(made)));
      }
      for (const { token } of many) {
        uses.observeRequest({
          door: 'git',
          actor: { kind: 'deploy-token', token },
          clientAddress: '::1',
          userAgent: '',
          repository: null,
          granted: [],
          refused: [],
          refusedCredentials: null,
        });
      }

      await uses.writeDue();

      const written = await lastUsesOf(
        app.service,
        many.map(({ token }) => token),
      );
      expect(written.size).to.equal(450);
    }).timeout(60_000);
  });

  describe('are counted by day', () => {
    let made: NewDeployToken;
    let uses: DeployTokenUses;

    beforeEach(async () => {
      now = new Date('2031-05-01T23:59:00Z');
      made = await newProjectAndToken(app);
      uses = trackDeployTokenUses({ store: app.service.store, now: () => now });
    });

    function use(tracker = uses, granted: readonly string[] | null = ['pull']): void {
      tracker.observeRequest({
        door: 'registry',
        actor: { kind: 'deploy-token', token: made.token },
        clientAddress: '127.0.0.1',
        userAgent: 'containerd',
        repository: null,
        granted,
        refused: granted === null || granted.length > 0 ? [] : ['refused'],
        refusedCredentials: null,
      });
    }

    async function counted({ token } = made): Promise<string[]> {
      const days = await usesByDay({ store: app.service.store, now: () => now }, OPERATOR, token);
      return days.map(({ day, uses: number }) => `${day.toISOString().slice(0, 10)} ${number}`);
    }

    it('each on its own, also when midnight comes before the database', async () => {
      use();
      use();
      now = new Date('2031-05-02T00:00:00Z');
      use();

      await uses.writeDue();
      now = new Date('2031-05-03T12:00:00Z');

      expect(await counted()).to.deep.equal(['2031-05-01 2', '2031-05-02 1', '2031-05-03 0']);
    });

    it('without those that were refused, or failed before that was decided', async () => {
      use();
      use(uses, []);
      use(uses, null);

      await uses.writeDue();

      expect(await counted()).to.deep.equal(['2031-05-01 1']);
    });

    it('by every replica, and each time again', async () => {
      const other = trackDeployTokenUses({ store: app.service.store, now: () => now });
      use();
      use(other);
      use(other);
      await uses.writeDue();
      await other.writeDue();
      use();

      await uses.writeAll();

      expect(await counted()).to.deep.equal(['2031-05-01 4']);
    });

    it('once, also those that come in while the others are written, or are written later', async () => {
      let isAway = true;
      uses = trackDeployTokenUses({
        store: {
          async write(work) {
            use();
            if (isAway) {
              throw new Error('away');
            }
            return await app.service.store.write(work);
          },
        },
        now: () => now,
      });
      use();
      await uses.writeAll().catch(String);
      isAway = false;
      await uses.writeAll();
      const meanwhile = await counted();
      await uses.writeAll();

      expect(meanwhile).to.deep.equal(['2031-05-01 2']);
      expect(await counted()).to.deep.equal(['2031-05-01 3']);
    });

    it('by requests to the doors: a login counts, a token that is granted nothing does not', async () => {
      const project = await newProject(app);
      const scopes = [`repository:${project.path}:pull`];
      const pulls = await newDeployToken(app, project);
      const logsIn = await newDeployToken(app, project);
      const clonesOnly = await newDeployToken(app, project, { scopes: ['read_repository'] });
      await ask(app.origin, 'GET', { login: pulls.login, scopes });
      await ask(app.origin, 'GET', { login: logsIn.login, scopes: [] });
      await ask(app.origin, 'GET', { login: clonesOnly.login, scopes });
      await ask(app.origin, 'GET', { login: made.login, scopes });

      await Promise.all([pulls, logsIn].map(lastUseOnceWritten));

      const all = [pulls, logsIn, clonesOnly, made];
      expect(await Promise.all(all.map(counted))).to.deep.equal([
        ['2031-05-01 1'],
        ['2031-05-01 1'],
        ['2031-05-01 0'],
        ['2031-05-01 0'],
      ]);
      const tokens = [clonesOnly, made].map(({ token }) => token);
      expect((await lastUsesOf(app.service, tokens)).size, 'what is refused is no use').to.equal(0);
    });

    it('for those who see the settings of its project, and for nobody else', async () => {
      const project = await projectOf(made);
      const answers = await Promise.all(
        (['developer', 'maintainer'] as const).map(async (role) => {
          const { user } = await newMember(app, project, role);
          const roles = { projects: new Map([[project.id, role]]), namespaces: new Map() };
          const actor = userWho(null, { user, roles });
          const deps = { store: app.service.store, now: () => now };
          return await usesByDay(deps, actor, made.token).catch(String);
        }),
      );

      expect(answers[0]).to.include('There is no deploy token');
      expect(answers[1]).to.have.lengthOf(1);
    });

    it('for ninety days', async () => {
      use();
      await uses.writeAll();
      now = new Date('2031-07-29T12:00:00Z');
      await removeOldDays({ store: app.service.store, now: () => now }, NEVER);
      const onTheLastDay = await counted();
      now = new Date('2031-07-30T00:00:00Z');

      await removeOldDays({ store: app.service.store, now: () => now }, NEVER);

      expect(onTheLastDay).to.have.lengthOf(90).and.include('2031-05-01 1');
      expect(await app.service.store.deployTokenDays.findByTokens([made.token.id], 0)).to.be.empty;
    });
  });

  async function projectOf({ token }: NewDeployToken): ReturnType<typeof newProject> {
    const { owner } = token;
    const project =
      owner.kind === 'project' ? await app.service.store.projects.findById(owner.id) : null;
    return project ?? (await newProject(app));
  }
});
