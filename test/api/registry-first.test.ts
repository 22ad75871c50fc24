import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { removeProject } from '../../src/services/project-removal.js';
import { createProject } from '../../src/services/projects.js';
import { createNamespace } from '../../src/services/namespaces.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { giveNamespace, newUser } from '../doors/app-data.js';
import { endWalk } from '../support/registry-inventory.js';
import { withApp, withAppForEach } from '../support/with-app.js';
import { clientOf, newAdministrator, type ApiClient } from './api-client.js';

const HOLDS = ['finance/secret', 'finance/deep/er', 'postgres', 'handed/over/app', 'api/v1'];

async function making(client: ApiClient, path: string): Promise<string> {
  const { status, body } = await client.post('/projects', { path });
  return `${status} ${JSON.stringify(body)}`;
}

describe('a registry that was there first', () => {
  let time = Date.parse('2026-11-01T00:00:00Z');
  const app = withAppForEach({ registryHolds: 'unknown', now: () => new Date(time) });

  async function walkFinds(names: readonly string[]): Promise<void> {
    time += 11 * 60_000;
    await endWalk(app.service.store, names, () => new Date(time));
  }

  async function newClient(username: string): Promise<ApiClient> {
    return await clientOf(app, (await newUser(app, { username })).user);
  }

  it('is not taken over by a user who calls himself as its images are called', async () => {
    const client = await newClient('Finance');
    await walkFinds(HOLDS);

    for (const path of ['finance/secret', 'finance/other', 'Finance/Deep', 'finance/deep/er']) {
      const answer = await making(client, path);

      expect(answer, path).to.match(/^409 .*The registry holds images of this name/);
      expect(answer, path).to.not.include('secret');
    }
  });

  it('gives its names to no new account', async () => {
    await walkFinds(HOLDS);
    const admin = await newAdministrator(app);

    for (const username of ['finance', 'FINANCE', 'postgres', 'handed']) {
      const { status } = await admin.post('/users', {
        username,
        name: 'Mallory',
        email: 'mallory@example.com',
        password: 'correct horse battery',
      });

      expect(status, username).to.equal(409);
    }
    await newUser(app, { username: 'financ' });
  });

  it('leaves personal namespaces without projects until it is known', async () => {
    const client = await newClient('ada');

    const before = await making(client, 'ada/app');
    await walkFinds(HOLDS);
    const afterwards = await making(client, 'ada/app');

    expect(before).to.match(/^409 .*once a walk .* has ended .* None has begun yet/);
    expect(afterwards).to.match(/^201 /);
  });

  it('leaves its users what is theirs: their own images, and those of a project they removed', async () => {
    const client = await newClient('ada');
    await walkFinds([]);
    await making(client, 'ada/app');
    await making(client, 'ada/removed');
    const { store } = app.service;
    const removed = await store.projects.findByPath('ada/removed');
    await removeProject({ store, now: () => new Date(time) }, OPERATOR, removed ?? expect.fail());
    await walkFinds(['ada/app', 'ada/app/tool', 'ada/removed/tool']);

    expect(await making(client, 'ada/second')).to.match(/^201 /);
    expect(await making(client, 'ada/removed')).to.match(/^400 .*has already been taken/);
  });

  it('is handed over by an administrator, who makes the namespace or the project', async () => {
    const { user } = await newUser(app, { username: 'grace' });
    const finance = await newUser(app, { username: 'finance' });
    await giveNamespace(app, 'handed', user, 'maintainer');
    const grace = await clientOf(app, user);
    const administrator = await newAdministrator(app);
    await walkFinds(HOLDS);

    expect(await making(grace, 'handed/over')).to.match(/^201 /);
    expect(await making(administrator, 'finance/secret')).to.match(/^201 /);
    expect(await making(await clientOf(app, finance.user), 'finance/x')).to.match(/^409 /);
  });

  it('is known to the service alone: a deeper namespace of one’s own changes nothing', async () => {
    const { user } = await newUser(app, { username: 'finance' });
    await walkFinds(HOLDS);
    const { store } = app.service;
    const deps = { store, now: () => new Date(time), quotas: NO_QUOTAS };
    await createNamespace(deps, OPERATOR, 'finance/deep');

    const client = await clientOf(app, user);

    expect(await making(client, 'finance/deep/er')).to.match(/^409 .*The registry holds images/);
  });
});

describe('projects.create: administrators', () => {
  const app = withApp({ env: { PULLGATE_PROJECTS_CREATE: 'administrators' } });

  it('keeps making projects to them', async () => {
    const { user } = await newUser(app);
    await giveNamespace(app, 'team', user, 'owner');
    const owner = await clientOf(app, user);
    const administrator = await newAdministrator(app);

    const refused = await owner.post('/projects', { path: 'team/app' });
    const made = await administrator.post('/projects', { path: 'team/app' });

    expect(refused.status).to.equal(403);
    expect(made.status).to.equal(201);
  });

  it('binds no operator', async () => {
    const { store, repositories } = app.service;
    const deps = { store, repositories, now: () => new Date(), quotas: NO_QUOTAS };

    const { path } = await createProject({ ...deps, creators: 'administrators' }, OPERATOR, {
      path: 'operator/app',
      visibility: 'private',
    });

    expect(path).to.equal('operator/app');
  });
});
