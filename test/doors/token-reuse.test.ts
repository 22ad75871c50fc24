import { expect } from 'chai';
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeProtectedHeader } from 'jose';
import { OPERATOR } from '../../src/access/actor.js';
import type { Project } from '../../src/access/project.js';
import { rotateKeys } from '../../src/keys/key-folder.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { removeMember } from '../../src/services/members.js';
import { removeProject } from '../../src/services/project-removal.js';
import { setArchived, setVisibility } from '../../src/services/project-settings.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  askByGet,
  decodeClaims,
  grantedBy,
  repository,
  tokenAnswer,
  type Answer,
  type Login,
} from '../support/token-client.js';
import { newDeployToken, newMember, newProject, newProjectAndToken, giveRole } from './app-data.js';

const ROTATION_DEADLINE_MS = 20_000;

/** Two replicas of the service, on one database and one folder of keys. */
describe('the token endpoint, which hands a JWT out again for a few seconds', () => {
  let app: TestApp;
  let other: TestApp;

  before(async function () {
    this.timeout(20_000);
    app = await startApp();
    other = await startApp({
      env: { PULLGATE_DATABASE_URL: `sqlite:${join(app.folder, 'pullgate.db')}` },
      certsDir: join(app.folder, 'certs'),
    });
  });

  after(async () => {
    await other.stop();
    await app.stop();
  });

  async function pull(project: Project, login: Login | null, action = 'pull'): Promise<Answer> {
    const scopes = [`repository:${project.path}:${action}`];
    return await askByGet(app.origin, { login, scopes });
  }

  /** Twice, so that the second answer is known to be the first once more. */
  async function warmUp(project: Project, login: Login | null, action = 'pull'): Promise<string> {
    const first = tokenAnswer('GET', await pull(project, login, action)).token;
    const second = tokenAnswer('GET', await pull(project, login, action)).token;
    expect(second).to.equal(first);
    expect(decodeClaims(first).access).to.have.lengthOf(1);
    return first;
  }

  function elsewhere(): { store: TestApp['service']['store']; now: () => Date } {
    return { store: other.service.store, now: () => new Date() };
  }

  // A node whose deploy token was revoked for a leak asks again within the seconds in which the JWT is
  // handed out to others, at a replica that was told nothing of it: a cache by credentials would go on
  // giving it access.
  it('refuses a token that was revoked through another replica at the very next request', async () => {
    const { project, token, login } = await newProjectAndToken(app);
    const { login: kept } = await newDeployToken(app, project);
    await warmUp(project, login);
    await warmUp(project, kept);

    await revokeDeployToken(elsewhere(), OPERATOR, token.id);
    const refused = await pull(project, login);

    expect(refused.status).to.equal(401);
    expect((await pull(project, kept)).status).to.equal(200);
  });

  it('refuses it 50 times over, for one token after the other', async () => {
    const project = await newProject(app);
    for (let round = 0; round < 50; round += 1) {
      const { token, login } = await newDeployToken(app, project);
      await warmUp(project, login);

      await revokeDeployToken(elsewhere(), OPERATOR, token.id);

      expect((await pull(project, login)).status).to.equal(401);
    }
  }).timeout(30_000);

  it('grants nothing any more once the project was removed through another replica', async () => {
    const { project, login } = await newProjectAndToken(app);
    await warmUp(project, login);

    await removeProject(elsewhere(), OPERATOR, project);

    expect((await pull(project, login)).status).to.equal(401);
  });

  it('grants nobody more than the new visibility once it was changed', async () => {
    const project = await newProject(app, { visibility: 'public' });
    await warmUp(project, null);

    await setVisibility(elsewhere(), OPERATOR, project, 'private');

    expect(grantedBy(await pull(project, null))).to.deep.equal([]);
  });

  it('grants what the new role allows once it was changed, and nothing to who is no member', async () => {
    const project = await newProject(app);
    const { user, login } = await newMember(app, project, 'developer');
    await warmUp(project, login, 'push');

    await giveRole(other, project, user, 'reporter');
    const asReporter = await pull(project, login, 'push,pull');
    await removeMember(elsewhere(), OPERATOR, project, user);
    const asStranger = await pull(project, login, 'push,pull');

    expect(grantedBy(asReporter)).to.deep.equal([repository(project.path, 'pull')]);
    expect(grantedBy(asStranger)).to.deep.equal([]);
  }).timeout(10_000);

  it('grants no push any more once the project was archived', async () => {
    const project = await newProject(app);
    const { login } = await newMember(app, project, 'developer');
    await warmUp(project, login, 'push');

    await setArchived(elsewhere(), OPERATOR, project, 'archived');

    expect(grantedBy(await pull(project, login, 'push'))).to.deep.equal([]);
  });

  it('signs with the new key as soon as the keys were rotated', async () => {
    const { project, login } = await newProjectAndToken(app);
    const before = decodeProtectedHeader(await warmUp(project, login)).kid;

    const dir = join(app.folder, 'certs');
    const { keys } = await rotateKeys({ dir, algorithm: 'ES256', now: () => new Date() });
    let kid = before;
    const deadline = Date.now() + ROTATION_DEADLINE_MS;
    while (kid === before && Date.now() < deadline) {
      await pause(100);
      kid = decodeProtectedHeader(tokenAnswer('GET', await pull(project, login)).token).kid;
    }

    expect(kid).to.equal(keys[0].libtrustKid);
  }).timeout(ROTATION_DEADLINE_MS + 5000);

  it('answers each of many requests at once by its own credentials, good and bad', async () => {
    const holders = await Promise.all(
      Array.from({ length: 8 }, async () => await newProjectAndToken(app)),
    );
    const [revoked] = holders;
    if (revoked !== undefined) {
      await revokeDeployToken(elsewhere(), OPERATOR, revoked.token.id);
    }
    const asked = record({
      holder: integer({ min: 0, max: 7 }),
      target: integer({ min: 0, max: 7 }),
      secret: constantFrom('right', 'wrong', 'of another'),
    });

    await assert(
      asyncProperty(array(asked, { minLength: 250, maxLength: 250 }), async (requests) => {
        const answers = await Promise.all(
          requests.map(async ({ holder, target, secret }) => {
            const { login, token } = holders[holder] ?? fail();
            const { project } = holders[target] ?? fail();
            const others = holders[(holder + 1) % 8] ?? fail();
            const secrets = {
              right: login.secret,
              wrong: `${login.secret}x`,
              'of another': others.login.secret,
            };
            const answer = await pull(project, { ...login, secret: secrets[secret] });
            const isGood = secret === 'right' && holder !== 0;
            return { answer, isGood, access: holder === target ? [project.path] : [], token };
          }),
        );

        for (const { answer, isGood, access, token } of answers) {
          if (isGood) {
            const claims = decodeClaims(tokenAnswer('GET', answer).token);
            expect(claims.sub).to.equal(`deploy-token:${token.id}`);
            expect(claims.access.map(({ name }) => name)).to.deep.equal(access);
          } else {
            expect(answer.status).to.equal(401);
          }
        }
      }),
      { numRuns: 2 },
    );
  }).timeout(60_000);
});

function fail(): never {
  throw new Error('no such holder');
}
