import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import type { User } from '../../src/access/user.js';
import { accountEnd, removeUser } from '../../src/services/account-end.js';
import { EVERY_EVENT, pageOfAuditEvents } from '../../src/services/audit.js';
import { inviteUsers } from '../../src/services/invitations.js';
import { setMember } from '../../src/services/members.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { createUser, setAdministrator, setBlocked, setPassword } from '../../src/services/users.js';
import { Secret } from '../../src/credentials.js';
import { passwords } from '../support/passwords.js';
import { endWalk } from '../support/registry-inventory.js';
import { auditEventsOf } from '../support/rows.js';
import { askByGet, grantedBy, repository } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  giveRole,
  newAccessToken,
  newDeployToken,
  newMember,
  newProject,
  newUser,
} from './app-data.js';

const PASSWORD = new Secret('correct horse battery');

describe('the end of an account', () => {
  const app = withApp();

  function deps(): {
    readonly store: typeof app.service.store;
    readonly now: () => Date;
    readonly tokenPrefix: string;
    readonly passwords: typeof passwords;
  } {
    const { store } = app.service;
    return { store, now: () => new Date(), tokenPrefix: 'gldt-', passwords };
  }

  async function remove(user: User): Promise<Awaited<ReturnType<typeof removeUser>>> {
    return await removeUser(deps(), OPERATOR, user);
  }

  async function register(username: string): Promise<string> {
    const account = { displayName: username, password: PASSWORD, isAdmin: false };
    return await refusal(async () => await createUser(deps(), OPERATOR, { ...account, username }));
  }

  it('ends the password and the tokens, and keeps the deploy tokens', async () => {
    const project = await newProject(app);
    const { user, login } = await newMember(app, project, 'maintainer');
    const accessToken = await newAccessToken(app, user, ['read_registry']);
    const deployToken = await newDeployToken(app, project);
    const scopes = [`repository:${project.path}:pull`];
    const pull = [repository(project.path, 'pull')];
    for (const good of [login, accessToken, deployToken.login]) {
      const answer = await askByGet(app.origin, { scopes, login: good });
      expect(grantedBy(answer)).to.deep.equal(pull);
    }

    await remove(user);

    const kept = await askByGet(app.origin, { scopes, login: deployToken.login });
    expect(grantedBy(kept)).to.deep.equal(pull);
    for (const gone of [login, accessToken]) {
      expect((await askByGet(app.origin, { scopes, login: gone })).status).to.equal(401);
    }
    const { users, accessTokens, members } = app.service.store;
    expect(await users.findById(user.id)).to.equal(null);
    expect(await accessTokens.countActive(user.id, new Date())).to.equal(0);
    expect(await members.roleIn(project, user.id)).to.equal(null);
  });

  it('leaves no trace of somebody who never did anything, and their name to others', async () => {
    const { user } = await newUser(app, { username: 'never-used' });
    await giveRole(app, await newProject(app), user, 'developer');

    const { keepsName } = await remove(user);

    expect(keepsName).to.equal(false);
    expect(await app.service.store.users.findOnRecord('never-used')).to.equal(null);
    expect(await register('Never-Used')).to.equal('done');
  });

  // A project made by somebody, a name freed by their end, and whoever registers next is its owner.
  it('gives nobody else the name of somebody whose deeds are on record', async () => {
    const { user } = await newUser(app, { username: 'used' });
    await newAccessToken(app, user, ['api']);

    const { keepsName } = await remove(user);

    expect(keepsName).to.equal(true);
    expect(await register('USED')).to.contain('is taken');
    const invited = await refusal(
      async () => await inviteUsers(deps(), OPERATOR, { usernames: ['used'], roles: [] }),
    );
    expect(invited).to.contain('is taken');
    const [event] = await auditEventsOf(app.service.store, null);
    expect(event).to.include({ action: 'user_removed', subject: 'used', subjectId: user.id });
    expect((await app.service.store.users.findByIds([user.id]))[0]?.username).to.equal('used');
    const found = await pageOfAuditEvents(
      deps(),
      OPERATOR,
      { ...EVERY_EVENT, trailOf: null, subject: { kind: 'user', key: 'used' } },
      { limit: 10, start: { after: null }, total: false },
    );
    expect(found.items.map(({ action }) => action)).to.include('user_removed');
  });

  it('passes their projects to the administrators, without the other members of the namespace', async () => {
    await endWalk(app.service.store);
    const { user } = await newUser(app, { username: 'olga' });
    const { user: peer } = await newUser(app);
    const project = await newProject(app, { path: 'olga/app' });
    const own = await app.service.store.namespaces.findByPath('olga');
    expect(own?.userId).to.equal(user.id);
    if (own === null) {
      return;
    }
    await setMember(deps(), OPERATOR, own, { user: peer, role: 'maintainer' });

    const end = await remove(user);

    const { namespaces, members, projects } = app.service.store;
    expect(end).to.include({ projects: 1 });
    expect(await namespaces.findByPath('olga')).to.include({ userId: null });
    expect(await members.roleIn(own, peer.id)).to.equal(null);
    expect(await projects.findById(project.id)).to.include({ path: 'olga/app' });
    expect(await register('olga')).to.contain('is taken');
  });

  it('takes an empty namespace along', async () => {
    const { user } = await newUser(app, { username: 'empty' });

    await remove(user);

    expect(await app.service.store.namespaces.findByPath('empty')).to.equal(null);
  });

  it('says what is left without a maintainer, and what is not', async () => {
    const alone = await newProject(app, { path: 'alone/project' });
    const shared = await newProject(app, { path: 'alone/shared' });
    const inherited = await newProject(app, { path: 'above/project' });
    const blocked = await newProject(app, { path: 'alone/with-blocked' });
    const { user } = await newMember(app, alone, 'owner');
    const namespace = await createNamespace(
      { ...deps(), quotas: NO_QUOTAS },
      OPERATOR,
      'alone/namespace',
    );
    const above = await app.service.store.namespaces.findByPath('above');
    const peer = (await newMember(app, shared, 'maintainer')).user;
    const other = (await newMember(app, blocked, 'maintainer')).user;
    for (const place of [shared, inherited, blocked, namespace]) {
      await setMember(deps(), OPERATOR, place, { user, role: 'maintainer' });
    }
    await setMember(deps(), OPERATOR, above ?? inherited, { user: peer, role: 'maintainer' });
    await setBlocked(deps(), OPERATOR, other, 'blocked');

    const before = await accountEnd(deps(), OPERATOR, user);
    const end = await remove(user);

    expect(before.unmanaged).to.deep.equal([
      'alone/project',
      'alone/with-blocked',
      'alone/namespace',
    ]);
    expect(end).to.deep.equal(before);
    expect(end.memberships).to.equal(5);
    expect((await auditEventsOf(app.service.store, alone.id))[0]).to.include({
      action: 'member_removed',
      detail: 'the account was removed',
    });
  });

  it('is not that of the last administrator', async () => {
    const { user: root } = await newUser(app, { isAdmin: true });

    expect(await refusal(async () => await remove(root))).to.contain('only administrator');
    const { user: other } = await newUser(app, { isAdmin: true });
    expect(await refusal(async () => await remove(root))).to.equal('done');
    expect(await refusal(async () => await remove(other))).to.contain('only administrator');
  });

  // The form of a page that stood open since before: it must not wake the account up.
  it('is final for whatever was begun before', async () => {
    const project = await newProject(app);
    const { user } = await newUser(app);
    await newAccessToken(app, user, ['api']);
    await remove(user);

    const attempts = [
      async () => await setBlocked(deps(), OPERATOR, user, 'unblocked'),
      async () => await setAdministrator(deps(), OPERATOR, user, true),
      async () => await setPassword(deps(), OPERATOR, user, PASSWORD),
      async () => await setMember(deps(), OPERATOR, project, { user, role: 'owner' }),
      async () => await newAccessToken(app, user, ['api']),
      async () => await remove(user),
    ];
    for (const attempt of attempts) {
      expect(await refusal(attempt)).to.contain('There is no user');
    }
  });
});

async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'done';
  } catch (error) {
    return String(error);
  }
}
