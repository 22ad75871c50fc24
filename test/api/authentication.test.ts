import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { setBlocked } from '../../src/services/users.js';
import { revokeAccessToken } from '../../src/services/access-tokens.js';
import {
  newAccessToken,
  newDeployToken,
  newProject,
  newUser,
  requestLine,
} from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import { basic, send, type Answer } from '../support/token-client.js';
import { webClient } from '../support/web-client.js';
import { API, textIn, UNAUTHORIZED } from './api-client.js';
import { accessTokensOf } from '../support/rows.js';

const TODAY = new Date('2026-11-22T12:00:00Z');

const FORM = 'application/x-www-form-urlencoded';

describe('who asks the API', () => {
  const app = withApp({ now: () => TODAY });
  let username: string;
  let password: string;
  let secret: string;

  before(async () => {
    const { user, login } = await newUser(app);
    username = user.username;
    password = login.secret;
    secret = (await newAccessToken(app, user, ['api'])).secret;
  });

  async function ask(headers: Record<string, string>, path = '/user'): Promise<Answer> {
    return await send(app.origin, { method: 'GET', target: API + path, headers });
  }

  for (const [what, headersOf] of [
    ['PRIVATE-TOKEN', () => ({ 'private-token': secret })],
    ['a bearer token', () => ({ authorization: `Bearer ${secret}` })],
    ['a bearer token, whatever the case', () => ({ authorization: `bearer ${secret}` })],
    [
      'PRIVATE-TOKEN, beside the password of a proxy on the way',
      () => ({ 'private-token': secret, authorization: basic({ username: 'a', secret: 'b' }) }),
    ],
  ] as const) {
    it(`is known by ${what}`, async () => {
      expect(textIn(await ask(headersOf()), 'username')).to.equal(username);
    });
  }

  for (const [what, headersOf] of [
    ['a token that there is not', () => ({ 'private-token': 'glpat-unknown' })],
    ['an empty token', () => ({ 'private-token': '' })],
    ['a token and more', () => ({ 'private-token': `${secret}, ${secret}` })],
    ['a bearer token that there is not', () => ({ authorization: 'Bearer glpat-unknown' })],
    ['a scheme without a token', () => ({ authorization: 'Bearer' })],
    ['a password', () => ({ authorization: basic({ username, secret: password }) })],
    ['a good token as a password', () => ({ authorization: basic({ username, secret }) })],
    ['a password as a token', () => ({ 'private-token': password })],
    ['an unknown scheme', () => ({ authorization: `Token ${secret}` })],
    ['a job token', () => ({ 'job-token': secret })],
    ['a deploy token', () => ({ 'deploy-token': secret })],
  ] as const) {
    it(`is refused with ${what}, even for what anybody may read`, async () => {
      for (const path of ['/user', '/projects']) {
        const answer = await ask(headersOf(), path);

        expect(answer.status).to.equal(401);
        expect(answer.body).to.deep.equal(UNAUTHORIZED);
        expect(answer.headers['www-authenticate']).to.match(/^Bearer /);
      }
    });
  }

  it('is one and the same 401 for a deploy token, a revoked, an expired and a blocked one', async () => {
    const deps = { store: app.service.store, now: () => TODAY };
    const { login: deployToken } = await newDeployToken(app, await newProject(app));
    const revoked = await newUser(app);
    const revokedToken = await newAccessToken(app, revoked.user, ['api']);
    const [token] = await accessTokensOf(app.service.store, revoked.user.id);
    await revokeAccessToken(deps, OPERATOR, revoked.user, token?.id ?? 0);
    const expiredToken = await newAccessToken(app, (await newUser(app)).user, ['api'], TODAY);
    const blocked = await newUser(app);
    const blockedToken = await newAccessToken(app, blocked.user, ['api']);
    await setBlocked(deps, OPERATOR, blocked.user, 'blocked');

    for (const [login, refusal] of [
      [deployToken, 'unknown'],
      [revokedToken, 'revoked'],
      [expiredToken, 'expired'],
      [blockedToken, 'blocked'],
    ] as const) {
      const answer = await ask({ 'private-token': login.secret });

      expect(answer.status).to.equal(401);
      expect(answer.body).to.deep.equal(UNAUTHORIZED);
      const line = await requestLine(app, answer.headers['x-request-id']);
      expect(line['refusal'], 'the log knows').to.equal(refusal);
      expect(app.log()).not.to.contain(login.secret);
    }
  });

  it('says which scope is missing to a token that is not for the API', async () => {
    const { user } = await newUser(app);
    const { secret: images } = await newAccessToken(app, user, ['read_registry', 'write_registry']);

    const answer = await ask({ 'private-token': images });

    expect(answer.status).to.equal(403);
    expect(answer.body).to.deep.equal({
      error: 'insufficient_scope',
      error_description:
        'The request requires higher privileges than provided by the access token.',
      scope: 'api read_api',
    });
  });

  // Addresses are kept by proxies, browsers and logs. A token in one is not even looked at, so that
  // nobody gets used to putting it there.
  it('is refused with a token in the address or in the body', async () => {
    for (const name of ['private_token', 'access_token', 'job_token', 'token']) {
      const inAddress = await ask({}, `/user?${name}=${secret}`);
      const inBody = await send(app.origin, {
        method: 'POST',
        target: `${API}/projects`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ [name]: secret, path: 'tanuki/by-body' }),
      });

      expect([inAddress.status, inBody.status]).to.deep.equal([401, 401]);
    }
    for (const name of ['private_token', 'access_token', 'job_token']) {
      // What everybody may read would look like an answer to the token.
      expect((await ask({}, `/projects?${name}=${secret}`)).status, name).to.equal(401);
    }
    expect(app.log()).not.to.contain(secret);
  });

  // A page elsewhere makes the browser of somebody who is signed in send a request here, and the
  // browser adds the cookie by itself. The API does not know cookies, so it is nobody's request.
  it('is nobody with the cookie of somebody who is signed in', async () => {
    const browser = webClient(app.origin);
    await browser.signIn(username, password);
    const cookie = Array.from(browser.cookies, ([name, value]) => `${name}=${value}`).join('; ');

    const page = await fetch(`${app.origin}/-/profile`, {
      headers: { cookie },
      redirect: 'manual',
    });
    const read = await ask({ cookie });
    const write = await send(app.origin, {
      method: 'POST',
      target: `${API}/projects`,
      headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'path=tanuki/forged',
    });

    expect(page.status, 'the cookie is good').to.equal(200);
    expect([read.status, write.status]).to.deep.equal([401, 401]);
    expect(read.headers['set-cookie']).to.equal(undefined);
  });

  it('lets no page elsewhere read an answer', async () => {
    const answer = await ask({ 'private-token': secret, origin: 'https://evil.example.com' });

    expect(
      Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
    ).to.deep.equal([]);
    expect(answer.headers['cache-control']).to.equal('no-store');
  });

  // A script of an administrator makes a token of somebody else's with it. Passed over, it would make
  // one of the administrator's.
  for (const [where, headers, query, body] of [
    ['a header', { sudo: 'root' }, '', '{}'],
    ['the address', {}, '?sudo=root', '{}'],
    ['a form', { 'content-type': FORM }, '', 'name=x&scopes=api&sudo=root'],
    ['JSON', {}, '', '{"name":"x","scopes":["api"],"sudo":1}'],
    ['JSON, as null', {}, '', '{"name":"x","scopes":["api"],"sudo":null}'],
  ] as const) {
    it(`is refused with a wish in ${where} to be somebody else`, async () => {
      const answer = await send(app.origin, {
        method: 'POST',
        target: `${API}/user/personal_access_tokens${query}`,
        headers: { 'private-token': secret, 'content-type': 'application/json', ...headers },
        body,
      });

      expect(answer.status).to.equal(403);
      expect(textIn(answer, 'message')).to.equal('403 Forbidden - sudo is not supported');
    });
  }
});
