import { expect } from 'chai';
import {
  newAccessToken,
  newMember,
  newNamespace,
  giveNamespace,
  newProject,
} from '../doors/app-data.js';
import { send, type Answer } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { UNAUTHORIZED } from './api-client.js';

// As Terraform's gitlab_current_user asks.
const QUERY =
  'query {currentUser {name, bot, groupCount, id, namespace{id}, publicEmail, username}}';
const ERRORS = {
  errors: [{ message: 'Of GraphQL only fields of currentUser are answered.' }],
};

describe('POST /api/graphql', () => {
  const app = withApp();

  async function ask(query: unknown, secret: string | null): Promise<Answer> {
    return await send(app.origin, {
      method: 'POST',
      target: '/api/graphql',
      headers: {
        'content-type': 'application/json',
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify({ query }),
    });
  }

  it('tells who asks, also with read_api alone', async () => {
    const { user } = await newMember(app, await newProject(app), 'developer');
    await giveNamespace(app, (await newNamespace(app)).path, user, 'guest');
    const { secret } = await newAccessToken(app, user, ['read_api']);
    const namespace = await app.service.store.namespaces.findByPath(user.username);

    const answer = await ask(QUERY, secret);

    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({
      data: {
        currentUser: {
          name: user.displayName,
          bot: false,
          groupCount: 1,
          id: `gid://gitlab/User/${user.id}`,
          namespace: { id: `gid://gitlab/Namespaces::UserNamespace/${namespace?.id}` },
          publicEmail: null,
          username: user.username,
        },
      },
    });
  });

  it('is for who has a token for the API', async () => {
    const { user } = await newMember(app, await newProject(app), 'developer');
    const { secret } = await newAccessToken(app, user, ['read_registry']);

    const [nobody, other] = [await ask(QUERY, null), await ask(QUERY, secret)];

    expect([nobody.status, other.status]).to.deep.equal([401, 403]);
    expect(nobody.body).to.deep.equal(UNAUTHORIZED);
  });

  for (const query of [
    '',
    '{',
    '}',
    '{}',
    '{currentUser}',
    '{currentUser{}',
    '{currentUser{name}}}',
    '{currentUser{secret}}',
    '{currentUser{__proto__}}',
    '{currentUser{name{id}}}',
    '{currentUser{namespace}}',
    '{currentUser(id:1){name}}',
    '{currentUser{name} projects{id}}',
    'mutation{currentUser{name}}',
    'query a b {currentUser{name}}',
    `{currentUser{${'namespace{'.repeat(900)}`,
  ]) {
    it(`answers nothing else: ${query.slice(0, 40)}`, async () => {
      const { user } = await newMember(app, await newProject(app), 'developer');
      const { secret } = await newAccessToken(app, user, ['api']);

      const answer = await ask(query, secret);

      expect(answer.status).to.be.oneOf([200, 400]);
      expect(
        answer.status === 400 || JSON.stringify(answer.body) === JSON.stringify(ERRORS),
      ).to.equal(true);
    });
  }

  it('takes a query with a name, and any order and blanks', async () => {
    const { user } = await newMember(app, await newProject(app), 'developer');
    const { secret } = await newAccessToken(app, user, ['api']);

    const answer = await ask('query Who {\n  currentUser {\n username id }\n}\n', secret);

    expect(answer.body).to.deep.equal({
      data: { currentUser: { username: user.username, id: `gid://gitlab/User/${user.id}` } },
    });
  });
});
