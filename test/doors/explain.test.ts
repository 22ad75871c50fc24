import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { INSTANCE } from '../../src/access/deploy-token.js';
import { ACTIONS_AT } from '../../src/access/explanation.js';
import type { DenialDoor } from '../../src/access/denial.js';
import { revokeDeployToken } from '../../src/services/deploy-tokens.js';
import { explainAccess } from '../../src/services/explain.js';
import { setArchived } from '../../src/services/project-settings.js';
import { setBlocked } from '../../src/services/users.js';
import { userWho } from '../support/build.js';
import { ask, basic, grantedBy, send, type Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  giveNamespace,
  newDeployToken,
  newMember,
  newNamespace,
  newProject,
  newUser,
  type NewDeployToken,
} from './app-data.js';

/** Somebody, as the command line calls them and as they log in. */
interface Asker {
  readonly who: string | number;
  readonly login: Login;
}

const BOTH = ['read_registry', 'read_repository'] as const;

describe('what explain says', () => {
  const app = withApp({ now });

  function deps() {
    return { store: app.service.store, now };
  }

  /** Whether the door lets them, asked as a client asks. */
  async function isLet(door: DenialDoor, { login }: Asker, name: string, action: string) {
    if (door === 'registry') {
      const scopes = [`repository:${name}:${action}`];
      const answer = await ask(app.origin, 'GET', { login, scopes });
      return answer.status === 200 && grantedBy(answer).length > 0;
    }
    const service = action === 'push' ? 'git-receive-pack' : 'git-upload-pack';
    const { status } = await send(app.origin, {
      method: 'GET',
      target: `/${name}.git/info/refs?service=${service}`,
      headers: { authorization: basic(login) },
    });
    return ![401, 403, 404].includes(status);
  }

  it('is what the doors do, for everybody, every name and every action', async () => {
    const namespace = await newNamespace(app);
    const inside = await newProject(app, { path: `${namespace.path}/app` });
    const beside = await newProject(app, { path: `${namespace.path}/other` });
    const open = await newProject(app, { visibility: 'public' });
    const shelved = await newProject(app);
    const revoked = await newDeployToken(app, inside, { scopes: BOTH });
    const blocked = await newMember(app, inside, 'owner');
    const maintainer = await newUser(app);
    const members = [
      await newMember(app, inside, 'guest'),
      await newMember(app, inside, 'reporter'),
      await newMember(app, inside, 'developer'),
      await newMember(app, shelved, 'owner'),
      await newUser(app),
      await newUser(app, { isAdmin: true }),
      maintainer,
      blocked,
    ];
    await giveNamespace(app, namespace.path, maintainer.user, 'maintainer');
    await setArchived(deps(), OPERATOR, shelved, 'archived');
    await setBlocked(deps(), OPERATOR, blocked.user, 'blocked');
    await revokeDeployToken(deps(), OPERATOR, revoked.token.id);
    const askers: Asker[] = [
      asked(await newDeployToken(app, inside)),
      asked(await newDeployToken(app, inside, { scopes: ['read_repository'] })),
      asked(await newDeployToken(app, namespace, { scopes: BOTH })),
      asked(await newDeployToken(app, namespace, { scopes: BOTH, only: [beside.path] })),
      asked(await newDeployToken(app, INSTANCE, { scopes: BOTH })),
      asked(await newDeployToken(app, inside, { expiresAt: new Date('2031-01-01T00:00:00Z') })),
      asked(revoked),
      ...members.map(({ user, login }) => ({ who: user.username, login })),
    ];
    const projects = [inside, beside, open, shelved].map(({ path }) => path);
    const names: Readonly<Record<DenialDoor, readonly string[]>> = {
      registry: [...projects, `${inside.path}/web`, 'nobodys/images', 'postgres'],
      git: [...projects, 'nobodys/code'],
    };

    for (const door of ['registry', 'git'] as const) {
      for (const name of names[door]) {
        for (const action of ACTIONS_AT[door]) {
          for (const asker of askers) {
            const question = { who: asker.who, name, action, door };
            const { allowed, facts } = await explainAccess(deps(), OPERATOR, question);

            const isSo = await isLet(door, asker, name, action);
            expect(allowed, `${JSON.stringify(question)} ${JSON.stringify(facts)}`).to.equal(isSo);
          }
        }
      }
    }
  }).timeout(20_000);

  it('is for those who look after the token, the account or the project, and nobody else', async () => {
    const project = await newProject(app);
    const { token, login } = await newDeployToken(app, project);
    const elsewhere = await newProject(app);
    const developer = await newMember(app, project, 'developer');
    const question = { name: project.path, action: 'pull', door: 'registry' } as const;

    for (const [reader, who, expected] of [
      ['maintainer', token.id, 'allowed'],
      ['maintainer', login.username, 'allowed'],
      ['maintainer', developer.user.username, 'allowed'],
      ['developer', token.id, 'hidden'],
      ['developer', login.username, 'hidden'],
      ['stranger', token.id, 'hidden'],
      ['stranger', developer.user.username, 'hidden'],
      ['stranger', 'missing', 'hidden'],
      ['stranger', 999_999, 'hidden'],
    ] as const) {
      const place = reader === 'stranger' ? elsewhere : project;
      const { user } = await newMember(app, place, reader === 'developer' ? reader : 'maintainer');
      const roles = await app.service.store.members.rolesOf(user.id);
      const actor = userWho(null, { user, roles });

      const told = await explainAccess(deps(), actor, { ...question, who }).then(
        ({ allowed }) => (allowed ? 'allowed' : 'refused'),
        (error: unknown) => (String(error).includes('that you may ask about') ? 'hidden' : error),
      );

      expect(told, `${reader} about ${who}`).to.equal(expected);
    }
  });
});

function now(): Date {
  return new Date('2031-05-01T12:00:00Z');
}

function asked({ token, login }: NewDeployToken): Asker {
  return { who: token.id, login };
}
