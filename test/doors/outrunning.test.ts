import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { revokeAccessToken } from '../../src/services/access-tokens.js';
import { removeMember } from '../../src/services/members.js';
import { holdRequest } from '../support/held-request.js';
import { accessTokensOf, deployTokensOf, membersOf } from '../support/rows.js';
import { FORM } from '../support/token-client.js';
import { hidden, webClient, type WebClient } from '../support/web-client.js';
import { withApp } from '../support/with-app.js';
import { newAccessToken, newMember, newProject, newUser, type NewUser } from './app-data.js';

describe('a request that is held back until its authority is gone', () => {
  const app = withApp();

  function deps(): { store: typeof app.service.store; now: () => Date } {
    return { store: app.service.store, now: () => new Date() };
  }

  async function signedIn({ login }: NewUser): Promise<WebClient> {
    const client = webClient(app.origin);
    await client.signIn(login.username, login.secret);
    return client;
  }

  function headersOf({ cookies }: WebClient): Record<string, string> {
    return {
      'content-type': FORM,
      cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '),
      origin: app.origin,
      accept: 'text/html',
    };
  }

  // The attack: a leaked personal access token sends half of a request for another one, waits until
  // it was revoked, and sends the rest. The new token has no expiry, and nobody knows of it.
  // Who asks is looked at once the body is there, and again in the transaction.
  it('makes no personal access token for one that was revoked meanwhile', async () => {
    const { user } = await newUser(app);
    const leaked = await newAccessToken(app, user, ['api']);
    const held = await holdRequest(app.origin, {
      method: 'POST',
      target: '/api/v4/user/personal_access_tokens',
      headers: { 'private-token': leaked.secret, 'content-type': FORM },
      body: 'name=mine&scopes[]=api&padding=padding-padding',
    });
    const [token] = await accessTokensOf(app.service.store, user.id);

    await revokeAccessToken(deps(), OPERATOR, user, token?.id ?? 0);
    const answer = await held.finish();

    expect(answer.status).to.equal(401);
    expect(await accessTokensOf(app.service.store, user.id)).to.have.lengthOf(1);
  });

  // The same with a form: "Sign out everywhere" is what one does after a laptop was stolen.
  // A form that its session began before must not be obeyed after.
  // The session is looked up once the form is there, and again in the transaction.
  it('adds no maintainer for a session that was ended meanwhile', async () => {
    const project = await newProject(app);
    const owner = await newMember(app, project, 'maintainer');
    const friend = await newUser(app);
    const [client, other] = [await signedIn(owner), await signedIn(owner)];
    const { html } = await client.get(`/${project.path}/-/settings/members`);
    const form = new URLSearchParams({
      csrf: hidden(html, 'csrf'),
      do: 'add',
      username: friend.user.username,
      role: 'maintainer',
      padding: 'padding-padding',
    });
    const held = await holdRequest(app.origin, {
      method: 'POST',
      target: `/${project.path}/-/settings/members`,
      headers: headersOf(client),
      body: form.toString(),
    });

    await other.get('/-/profile');
    await other.submit('/-/profile', { do: 'end-all-sessions' });
    const answer = await held.finish();

    expect(answer.status).to.equal(401);
    expect(await membersOf(app.service.store, project.id)).to.have.lengthOf(1);
  });

  // The same by a maintainer who is removed while the form is on its way.
  // The deploy token would go on pulling for whoever was just put out.
  // Roles are read after the form, and again in the transaction.
  it('makes no deploy token for a maintainer who was removed meanwhile', async () => {
    const project = await newProject(app);
    const leaver = await newMember(app, project, 'maintainer');
    const client = await signedIn(leaver);
    const { html } = await client.get(`/${project.path}/-/settings/repository`);
    const form = new URLSearchParams({
      csrf: hidden(html, 'csrf'),
      nonce: hidden(html, 'nonce'),
      name: 'kept',
      scopes: 'read_registry',
      padding: 'padding-padding',
    });
    const held = await holdRequest(app.origin, {
      method: 'POST',
      target: `/${project.path}/-/settings/repository`,
      headers: headersOf(client),
      body: form.toString(),
    });

    await removeMember(deps(), OPERATOR, project, leaver.user);
    const answer = await held.finish();

    expect(answer.status).to.be.oneOf([403, 404]);
    expect(await deployTokensOf(app.service.store, project.id)).to.deep.equal([]);
  });
});
