import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { DeployTokenUse } from '../../src/access/deploy-token.js';
import {
  lastUsesOf,
  trackDeployTokenUses,
  type DeployTokenUses,
} from '../../src/services/deploy-token-uses.js';
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

  async function projectOf({ token }: NewDeployToken): ReturnType<typeof newProject> {
    const project = await app.service.store.projects.findById(token.projectId);
    return project ?? (await newProject(app));
  }
});
