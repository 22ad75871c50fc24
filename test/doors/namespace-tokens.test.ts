import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { INSTANCE, type Owner } from '../../src/access/deploy-token.js';
import type { Namespace } from '../../src/access/namespace.js';
import { addImagePrefix, removeImagePrefix } from '../../src/services/image-prefixes.js';
import { removeMember } from '../../src/services/members.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { apiClient } from '../api/api-client.js';
import {
  askByGet,
  askByPost,
  basic,
  grantedBy,
  repository,
  send,
  type Login,
} from '../support/token-client.js';
import { userWho } from '../support/build.js';
import { withApp } from '../support/with-app.js';
import {
  giveNamespace,
  giveRole,
  newAccessToken,
  newDeployToken,
  newProject,
  newUser,
} from './app-data.js';

const BOTH = ['read_registry', 'read_repository'] as const;

describe('a deploy token of a namespace, at the doors', () => {
  const app = withApp();
  let numbers = 0;
  let top: string;
  let namespace: Namespace;

  beforeEach(async () => {
    numbers += 1;
    top = `cluster-${numbers}`;
    namespace = await createNamespace(deps(), OPERATOR, top);
    for (const path of ['api', 'web', 'backend/worker']) {
      await newProject(app, { path: `${top}/${path}` });
    }
  });

  function deps(): Parameters<typeof createNamespace>[0] & {
    readonly store: typeof app.service.store;
  } {
    return { store: app.service.store, now: () => new Date(), quotas: NO_QUOTAS };
  }

  async function login(owner: Owner, only: readonly string[] | null = null): Promise<Login> {
    return (await newDeployToken(app, owner, { scopes: BOTH, only })).login;
  }

  /** What it may pull of these, in one question; asked for push and delete as well. */
  async function pulled(by: Login | null, ...names: string[]): Promise<string[]> {
    const question = {
      login: by,
      scopes: names.map((name) => `repository:${name}:pull,push,delete`),
    };
    const [byGet, byPost] = [
      grantedBy(await askByGet(app.origin, question)),
      grantedBy(await askByPost(app.origin, question)),
    ];
    expect(byPost).to.deep.equal(byGet);
    for (const entry of byGet) {
      expect(entry).to.deep.equal(repository(entry.name, 'pull'));
    }
    return byGet.map(({ name }) => name);
  }

  async function cloned(by: Login, path: string): Promise<number> {
    const target = `/${path}.git/info/refs?service=git-upload-pack`;
    const headers = { authorization: basic(by) };
    return (await send(app.origin, { method: 'GET', target, headers })).status;
  }

  it('pulls from every project below, one made later too, and from nothing outside', async () => {
    const outside = await newProject(app, { path: `${top}-evil/app` });
    const token = await login(namespace);
    const own = [`${top}/api`, `${top}/web/cache`, `${top}/backend/worker`];

    const before = await pulled(token, ...own, `${top}/later`, outside.path);
    await newProject(app, { path: `${top}/later` });
    const after = await pulled(token, ...own, `${top}/later`, outside.path);

    expect(before).to.deep.equal(own);
    expect(after).to.deep.equal([...own, `${top}/later`]);
    expect(await cloned(token, `${top}/api`)).to.equal(200);
    expect(await cloned(token, `${top}/later`)).to.equal(200);
    expect(await cloned(token, outside.path)).not.to.equal(200);
  });

  it('is narrowed by `only`, at both doors', async () => {
    const token = await login(namespace, [`${top}/api`, `${top}/web/cache`, `${top}/backend`]);

    expect(
      await pulled(
        token,
        `${top}/api/x`,
        `${top}/web`,
        `${top}/web/cache/y`,
        `${top}/backend/worker`,
      ),
    ).to.deep.equal([`${top}/api/x`, `${top}/web/cache/y`, `${top}/backend/worker`]);
    expect(await cloned(token, `${top}/api`)).to.equal(200);
    expect(await cloned(token, `${top}/backend/worker`)).to.equal(200);
    expect(await cloned(token, `${top}/web`)).not.to.equal(200);
  });

  it('pulls what an image prefix gave to a project below, until it is taken away', async () => {
    const project = await newProject(app, { path: `${top}/mirrors` });
    const name = `postgres-${numbers}`;
    const tokens = [await login(namespace), await login(project), await login(INSTANCE)];

    async function pulledByEach(): Promise<string[]> {
      const found = [];
      for (const token of tokens) {
        found.push(...(await pulled(token, name, `${name}/14`)));
      }
      return found;
    }

    const before = await pulledByEach();
    await addImagePrefix(deps(), OPERATOR, project, name);
    const given = await pulledByEach();
    const narrow = await login(namespace, [name]);
    await removeImagePrefix(deps(), OPERATOR, project, name);

    expect(before).to.deep.equal([]);
    expect(given).to.deep.equal([0, 1, 2].flatMap(() => [name, `${name}/14`]));
    expect(await pulledByEach()).to.deep.equal([]);
    expect(await pulled(narrow, name, `${top}/api`)).to.deep.equal([]);
  });

  it('of the instance reaches every project, and nothing that nobody owns', async () => {
    const { user } = await newUser(app, { username: `person-${numbers}` });
    const own = await newProject(app, { path: `${user.username}/own` });

    const token = await login(INSTANCE);

    expect(await pulled(token, own.path, `${top}/api`, `unowned-${numbers}`)).to.deep.equal([
      own.path,
      `${top}/api`,
    ]);
  });
});

describe('images that were there before Pullgate', () => {
  const app = withApp();

  async function takeover(username: string, path: string): Promise<number> {
    const user = await app.service.store.users.findByUsername(username);
    const by = user ?? (await newUser(app, { username })).user;
    const { secret } = await newAccessToken(app, by, ['api']);
    return (await apiClient(app, secret).post('/projects', { path })).status;
  }

  it('are nobody’s who makes a project over them without the right to', async () => {
    const { login: root } = await newUser(app, { isAdmin: true });
    const scopes = ['repository:finance/secret:pull', 'repository:legacy:pull'];

    const status = await takeover('mallory', 'finance/secret');
    const login = await newAccessToken(app, (await newUser(app)).user, ['read_registry']);

    expect(status).to.equal(403);
    expect(grantedBy(await askByGet(app.origin, { login, scopes }))).to.deep.equal([]);
    expect(grantedBy(await askByGet(app.origin, { login: root, scopes }))).to.have.lengthOf(2);
  });

  it('are not theirs either who have a role in a project there, or in a namespace beside it', async () => {
    const project = await newProject(app, { path: 'accounts/app' });
    const { user } = await newUser(app, { username: 'eve' });
    await giveRole(app, project, user, 'owner');
    await giveNamespace(app, 'accounts/open', user, 'owner');
    await giveNamespace(app, 'accounts', user, 'developer');

    expect(await takeover('eve', 'accounts/secret')).to.equal(403);
    expect(await takeover('eve', 'accounts/open/secret')).to.equal(201);
  });

  it('are not theirs who bear the name of a namespace where others have projects', async () => {
    const { user } = await newUser(app, { username: 'treasury' });
    const own = await app.service.store.namespaces.findByPath('treasury');
    await newProject(app, { path: 'treasury/of-others' });
    // As the upgrade leaves it.
    expect(own).not.to.equal(null);
    if (own !== null) {
      await removeMember({ store: app.service.store, now: () => new Date() }, OPERATOR, own, user);
    }
    await newProject(app, { path: 'vault/of-others' });

    expect(await takeover('treasury', 'treasury/secret')).to.equal(403);
    expect(await newUser(app, { username: 'Vault' }).catch(String)).to.contain(
      'The username Vault is taken.',
    );
  });

  it('are given to a project by administrators alone, with nothing told of what is in the way', async () => {
    const store = app.service.store;
    const deps = { store, now: () => new Date() };
    const project = await newProject(app, { path: 'giver/app' });
    const hidden = await newProject(app, { path: 'hidden-prefix/app' });
    await addImagePrefix(deps, OPERATOR, hidden, 'hidden-images/deep');
    const actor = userWho(null, {
      roles: { projects: new Map([[project.id, 'owner']]), namespaces: new Map() },
    });

    const refusals = [
      await addImagePrefix(deps, actor, project, 'postgres').catch(String),
      await removeImagePrefix(deps, actor, project, 'hidden-images/deep').catch(String),
      await addImagePrefix(deps, OPERATOR, project, 'hidden-images').catch(String),
    ];

    expect(refusals[0]).to.contain('Only administrators');
    expect(refusals[1]).to.contain('Only administrators');
    expect(refusals[2]).to.contain('in use or reserved').and.not.to.contain('deep');
  });

  it('are a hundred of a project at most', async () => {
    const { store } = app.service;
    const project = await newProject(app, { path: 'many-prefixes/app' });
    await store.write(async ({ projects }) => {
      for (let number = 1; number <= 100; number += 1) {
        await projects.addImagePrefix(project.id, `many-prefixes-${number}`);
      }
    });

    const deps = { store, now: () => new Date() };
    const refusal = await addImagePrefix(deps, OPERATOR, project, 'one-more').catch(String);

    expect(refusal).to.contain('at most 100 image prefixes');
    expect(await store.projects.findPrefixInTheWay('one-more')).to.equal(null);
  });
});
