import { expect } from 'chai';
import { withApp } from '../support/with-app.js';
import { hidden, webClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';
import { deployTokensOf, membersOf } from '../support/rows.js';

describe('attacks on the pages', () => {
  const app = withApp();
  let data: WebData;

  before(async () => {
    data = webData(app);
  });

  // CSRF: a page elsewhere makes the browser of a signed-in maintainer send a form of ours.
  it('obeys no form that comes from another site, even with the right token', async () => {
    const project = await data.project('csrf/one');
    const client = await data.signedIn('csrf-one', 'maintainer', project);
    const { html } = await client.get('/csrf/one/-/settings/repository/deploy_tokens/new');
    const fields = { name: 'x', scopes: 'read_registry', csrf: hidden(html, 'csrf'), nonce: 'n' };

    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await client.post(
        '/csrf/one/-/settings/repository/deploy_tokens/new',
        fields,
        {
          ...headers,
        } as const,
      );
      expect(answer.status).to.equal(403);
    }
    expect(await deployTokensOf(app.service.store, project.id)).to.deep.equal([]);
  });

  it('obeys no form without its CSRF token, or with that of somebody else', async () => {
    const project = await data.project('csrf/two');
    const client = await data.signedIn('csrf-two', 'maintainer', project);
    const other = await data.signedIn('csrf-other', 'maintainer', project);
    const foreign = hidden((await other.get('/-/profile')).html, 'csrf');

    for (const csrf of ['', 'x', foreign]) {
      for (const [path, fields] of [
        [
          '/csrf/two/-/settings/repository/deploy_tokens/new',
          { name: 'x', scopes: 'read_registry' },
        ],
        ['/csrf/two/-/settings/general', { do: 'remove', path: 'csrf/two' }],
        ['/csrf/two/-/settings/members', { do: 'remove', username: 'csrf-other' }],
        ['/projects/new', { path: 'csrf/made' }],
        ['/-/profile', { do: 'end-all-sessions' }],
      ] as const) {
        const answer = await client.post(path, { ...fields, csrf, nonce: 'n' });
        expect(answer.status, path).to.equal(403);
      }
      const signOut = await client.post('/users/sign_out', { csrf });
      expect(signOut.status).to.be.oneOf([303, 403]);
    }

    expect((await client.get('/-/profile')).status, 'still signed in').to.equal(200);
    expect(await app.service.store.projects.findByPath('csrf/two')).to.not.equal(null);
    expect(await app.service.store.projects.findByPath('csrf/made')).to.equal(null);
    expect(await membersOf(app.service.store, project.id)).to.have.lengthOf(2);
    expect(await deployTokensOf(app.service.store, project.id)).to.deep.equal([]);
  });

  // Login CSRF: the victim is signed in as the attacker, and pastes secrets into their account.
  it('signs nobody in by a form without the CSRF token', async () => {
    await data.user('login-csrf');

    const answer = await webClient(app.origin).post('/users/sign_in', {
      username: 'login-csrf',
      password: PASSWORD,
    });

    expect(answer.status).to.equal(403);
    expect(answer.headers.getSetCookie().join()).to.not.include('pullgate_session');
  });

  it('cannot be framed, sniffed or scripted', async () => {
    for (const path of ['/users/sign_in', '/', '/no/such', '/projects/new']) {
      const { headers } = await webClient(app.origin).get(path);

      expect(headers.get('content-security-policy')).to.equal(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
          "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(headers.get('x-frame-options')).to.equal('DENY');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.get('referrer-policy')).to.equal('same-origin');
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('strict-transport-security')).to.equal(null);
    }
  });

  it('has no inline script, style or handler on any page', async () => {
    const project = await data.project('inline/app');
    await data.token(project, 'one');
    const client = await data.signedIn('inline-user', 'maintainer', project);

    for (const path of [
      '/',
      '/-/profile',
      '/projects/new',
      '/inline/app',
      '/inline/app/-/settings/repository',
      '/inline/app/-/settings/members',
      '/inline/app/-/settings/general',
    ]) {
      const { html } = await client.get(path);
      expect(html).to.not.match(/<style|<script>|\sstyle=|\son[a-z]+=/i);
    }
  });

  // Stored XSS: what one member writes is read by another.
  it('shows markup in every stored field as the text that it is', async () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u{1f480}\u202e';
    const project = await data.project('xss/app');
    const admin = await data.user('xss-admin', { isAdmin: true });
    await data.member(project, admin, 'maintainer');
    const client = webClient(app.origin);
    await client.signIn('xss-admin', PASSWORD);
    await client.get('/xss/app/-/settings/repository/deploy_tokens/new');
    const created = await client.submit('/xss/app/-/settings/repository/deploy_tokens/new', {
      name: evil,
      scopes: 'read_registry',
    });
    const deployTokenId = await data.token(project, 'used');
    await app.service.store.write(async ({ deployTokenUses }) => {
      await deployTokenUses.put([
        {
          deployTokenId,
          usedAt: new Date(),
          fault: null,
          door: 'registry',
          address: '127.0.0.1',
          userAgent: evil,
          repository: evil,
        },
      ]);
    });
    await client.get('/admin/users');
    await client.submit('/admin/users', { do: 'create', username: 'xss-2', display_name: evil });
    await client.get('/-/profile');
    await client.submit('/-/profile', { do: 'create-token', name: evil, scopes: 'api' });

    for (const html of [
      created.html,
      (await client.get('/xss/app/-/settings/repository?show=active')).html,
      (await client.get('/admin/users')).html,
      (await client.get('/-/profile')).html,
      (await client.get(`/users/sign_in?return_to=${encodeURIComponent(evil)}`)).html,
    ]) {
      expect(html).to.not.include('<script>alert').and.not.include('<img');
    }
    expect((await client.get('/xss/app/-/settings/repository?show=active')).html).to.include(
      '&lt;script',
    );
  });

  // Token 7 of a project that one does not manage, under the address of one that one does.
  it('has no page for a token of another project', async () => {
    const [mine, theirs] = [await data.project('cross/mine'), await data.project('cross/theirs')];
    const token = await data.token(theirs, 'theirs');
    const client = await data.signedIn('cross-user', 'owner', mine);
    await client.get('/cross/mine/-/settings/repository');

    const seen = await client.get(
      `/cross/mine/-/settings/repository/deploy_tokens/${token}/revoke`,
    );
    await client.get('/cross/mine/-/settings/repository');
    const sent = await client.submit(
      `/cross/mine/-/settings/repository/deploy_tokens/${token}/revoke`,
      {},
    );
    const under = await client.submit(
      `/cross/theirs/-/settings/repository/deploy_tokens/${token}/revoke`,
      {},
    );

    expect([seen.status, sent.status, under.status]).to.deep.equal([404, 404, 404]);
    const found = await app.service.store.deployTokens.findById(token);
    expect(found?.revokedAt).to.equal(null);
  });

  it('leaves the doors for programs without cookies and without these headers', async () => {
    for (const path of ['/token?service=container_registry', '/a/b.git/info/refs', '/-/health']) {
      const response = await fetch(app.origin + path);
      expect(response.headers.getSetCookie()).to.deep.equal([]);
      expect(response.headers.get('content-security-policy')).to.equal(null);
    }
    const json = await fetch(`${app.origin}/no/such`);
    expect(json.headers.get('content-type')).to.include('application/json');
    expect(json.headers.getSetCookie()).to.deep.equal([]);
  });
});
