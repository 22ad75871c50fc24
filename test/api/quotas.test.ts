import { expect } from 'chai';
import { giveNamespace, newUser } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { clientOf, newAdministrator, type ApiClient } from './api-client.js';

const TOKEN = { name: 'ci', scopes: ['read_registry'] };

async function projectsMadeBy(client: ApiClient, name: string): Promise<number[]> {
  const statuses = [];
  for (const number of [1, 2, 3]) {
    statuses.push((await client.post('/projects', { path: `${name}/project_${number}` })).status);
  }
  return statuses;
}

describe('quotas', () => {
  const app = withApp({
    env: { PULLGATE_QUOTAS_PROJECTS_PER_USER: '2', PULLGATE_QUOTAS_ACCESS_TOKENS_PER_USER: '3' },
  });

  it('bound the projects that one user owns, and say how to go on', async () => {
    const { user } = await newUser(app);
    await giveNamespace(app, 'bounded', user, 'maintainer');
    const client = await clientOf(app, user);

    expect(await projectsMadeBy(client, 'bounded')).to.deep.equal([201, 201, 409]);
    const refused = await client.post('/projects', { path: 'bounded/project_4' });
    expect(refused.body).to.deep.equal({
      message:
        'You own 2 projects, and nobody may own more than 2. Remove one, or ask an administrator.',
    });
    await client.delete('/projects/bounded%2Fproject_1');
    expect((await client.post('/projects', { path: 'bounded/project_5' })).status).to.equal(201);
  });

  // A role in each, which is read at every request of whoever has it: an account could make any number of
  // them below its own, and give them to somebody else. Of a thousand side by side, SQLite refused the
  // query of every list of theirs.
  it('bound the namespaces that one user owns', async () => {
    const { user } = await newUser(app, { username: 'maker' });
    const client = await clientOf(app, user);

    const statuses = [];
    // The own one is the first of the two.
    for (const path of ['maker/one', 'maker/two']) {
      statuses.push((await client.post('/groups', { path })).status);
    }
    const freed = await client.delete('/groups/maker%2Fone');

    expect(statuses).to.deep.equal([201, 409]);
    expect(freed.status).to.be.oneOf([202, 204]);
    expect((await client.post('/groups', { path: 'maker/two' })).status).to.equal(201);
  });

  it('bound no administrator', async () => {
    const admin = await newAdministrator(app);

    expect(await projectsMadeBy(admin, 'unbounded')).to.deep.equal([201, 201, 201]);
  });

  it('bound the active personal access tokens of a user', async () => {
    const { user } = await newUser(app);
    const client = await clientOf(app, user);
    const admin = await newAdministrator(app);

    const statuses = [];
    for (let number = 0; number < 3; number += 1) {
      const answer = await admin.post(`/users/${user.id}/personal_access_tokens`, TOKEN);
      statuses.push(answer.status);
    }
    await client.delete('/personal_access_tokens/self');
    const after = await admin.post(`/users/${user.id}/personal_access_tokens`, TOKEN);

    expect(statuses).to.deep.equal([201, 201, 409]);
    expect(after.status).to.equal(201);
  });
});
