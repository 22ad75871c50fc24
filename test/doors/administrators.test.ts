import { expect } from 'chai';
import { OPERATOR, type UserActor } from '../../src/access/actor.js';
import { NO_ROLES } from '../../src/access/role.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { setAdministrator } from '../../src/services/users.js';
import { AN_ORIGIN } from '../support/build.js';
import { withApp } from '../support/with-app.js';
import { newUser } from './app-data.js';

describe('administrators', () => {
  const app = withApp();

  function deps(): Parameters<typeof createAccessToken>[0] {
    return { store: app.service.store, now: () => new Date(), quotas: NO_QUOTAS };
  }

  async function newActor(isAdmin: boolean): Promise<UserActor> {
    const { user } = await newUser(app, { isAdmin });
    const input = { name: 'in use', scopes: ['api'], expiresAt: null } as const;
    const { token } = await createAccessToken(deps(), OPERATOR, user, input);
    const credential = { kind: 'access_token', token } as const;
    return { kind: 'user', user, roles: NO_ROLES, credential, origin: AN_ORIGIN };
  }

  async function attempt(by: UserActor, whom: UserActor, isAdmin: boolean): Promise<string> {
    try {
      await setAdministrator(deps(), by, whom.user, isAdmin);
      return 'done';
    } catch (error) {
      return String(error);
    }
  }

  it('are made and unmade by administrators, never by themselves', async () => {
    const [root, other] = [await newActor(true), await newActor(false)];

    expect(await attempt(other, other, true)).to.contain('Only administrators');
    expect(await attempt(root, root, false)).to.contain('your own rights');
    expect(await attempt(root, other, true)).to.equal('done');
    expect(await attempt(root, other, false)).to.equal('done');
    expect(await attempt(other, root, false)).to.contain('Only administrators');
  });

  it('who demote each other at the same moment leave one of them', async () => {
    const [first, second] = [await newActor(true), await newActor(true)];

    const said = await Promise.all([attempt(first, second, false), attempt(second, first, false)]);

    expect(said.filter((each) => each === 'done')).to.have.lengthOf(1);
    expect(said.find((each) => each !== 'done')).to.contain('Only administrators');
  });
});
