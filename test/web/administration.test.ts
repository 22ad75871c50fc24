import { expect } from 'chai';
import type { Project } from '../../src/access/project.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { webClient, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const USERS = '/admin/users';

describe('the pages of administrators', () => {
  let app: TestApp;
  let data: WebData;
  let admin: WebClient;
  let project: Project;

  before(async () => {
    app = await startApp();
    data = webData(app);
    await data.user('root', { isAdmin: true });
    admin = await clientOf('root');
    project = await data.project('shop/database');
  });

  after(async () => {
    await app.stop();
  });

  async function clientOf(username: string, password = PASSWORD): Promise<WebClient> {
    const client = webClient(app.origin);
    await client.signIn(username, password);
    return client;
  }

  async function isAdmin(username: string): Promise<boolean | undefined> {
    return (await app.service.store.users.findByUsername(username))?.isAdmin;
  }

  it('name the tokens that are active again after a database was put back', async () => {
    const { store } = app.service;
    const [active, revoked] = [
      await data.token(project, 'east'),
      await data.token(project, 'west'),
    ];
    await store.deployTokens.revoke(revoked, new Date(), null);
    const undone = [active, revoked].map((id) => ({
      kind: 'deploy_token' as const,
      id,
      name: 'east',
      revokedAt: new Date('2031-01-02T03:04:05Z'),
    }));
    const from = new Date('2031-01-02T03:05:00Z');
    expect((await admin.get('/admin/deploy_tokens')).html).not.to.include('older than it had been');
    await store.write(async ({ instance }) => {
      await instance.recordRewind({ noticedAt: new Date(), from, undone }, 1000);
    });

    const { html } = await admin.get('/admin/deploy_tokens');

    expect(html).to.include('had been on 2031-01-02 03:05:00 UTC');
    expect(html).to.include(`deploy token ${active} (`);
    expect(html).not.to.include(`deploy token ${revoked} (`);
  });

  describe('of accounts', () => {
    it('promote and demote, after a question that names the account', async () => {
      await data.user('grace');
      const question = await admin.get(`${USERS}?promote=grace`);
      expect(question.html).to.include('Make grace an administrator?');

      const promoted = await admin.submit(USERS, { do: 'promote', username: 'grace' });
      expect(promoted.headers.get('location')).to.include('notice=user-promoted');
      expect(await isAdmin('grace')).to.equal(true);
      const grace = await clientOf('grace');
      expect((await grace.get(USERS)).status).to.equal(200);

      await admin.get(`${USERS}?demote=grace`);
      await admin.submit(USERS, { do: 'demote', username: 'grace' });
      expect(await isAdmin('grace')).to.equal(false);
      expect((await grace.get(USERS)).status).to.equal(403);
    });

    it('let nobody demote themselves', async () => {
      await admin.get(USERS);

      const { status, html } = await admin.submit(USERS, { do: 'demote', username: 'root' });

      expect(status).to.equal(422);
      expect(html).to.include('You cannot take away your own rights');
      expect(await isAdmin('root')).to.equal(true);
    });

    it('give a new password, shown once, and sign the account out', async () => {
      await data.user('hedy');
      const hedy = await clientOf('hedy');
      await admin.get(`${USERS}?password=hedy`);

      const answer = await admin.submit(USERS, { do: 'password', username: 'hedy' });

      const password = /id="new-password"[^>]*>([^<]+)</.exec(answer.html)?.[1] ?? '';
      expect(password).to.have.length.greaterThan(20);
      expect((await hedy.get('/-/profile')).status).to.equal(303);
      const again = await clientOf('hedy', password);
      expect((await again.get('/-/profile')).status).to.equal(200);
    });

    it('are removed after a question that says what ends, what stays and what is left', async () => {
      const hal = await data.signedIn('hal', 'owner', project);
      const question = await admin.get(`${USERS}?remove=hal`);

      const removed = await admin.submit(USERS, { do: 'remove', username: 'hal' });

      expect(question.html)
        .to.include('Remove the account hal?')
        .and.include('Only administrators will manage shop/database.')
        .and.include('Nobody else can have the username hal.')
        .and.include('Block instead');
      expect(removed.headers.get('location')).to.include('notice=user-removed');
      expect((await hal.get('/-/profile')).status).to.equal(303);
      expect(await isAdmin('hal')).to.equal(undefined);
    });

    it('let nobody remove themselves', async () => {
      await admin.get(USERS);

      const { status, html } = await admin.submit(USERS, { do: 'remove', username: 'root' });

      expect(status).to.equal(422);
      expect(html).to.include('You cannot remove your own account.');
    });

    it('make one password of a form that is sent twice, and none for oneself', async () => {
      await data.user('ida');
      const { html } = await admin.get(`${USERS}?password=ida`);
      const nonce = /name="nonce" value="([^"]+)"/.exec(html)?.[1] ?? '';
      const fields = { do: 'password', username: 'ida', nonce };
      await admin.submit(USERS, fields);
      await admin.get(USERS);

      const twice = await admin.submit(USERS, fields);
      await admin.get(USERS);
      const own = await admin.submit(USERS, { do: 'password', username: 'root' });

      expect(twice.headers.get('location')).to.include('notice=form-used');
      expect(own.status).to.equal(422);
      expect(own.html).to.include('Change your own password in your settings.');
    });
  });

  describe('of image prefixes', () => {
    const general = '/shop/database/-/settings/general';

    it('give a project images that were there before it, and take them away', async () => {
      await admin.get(general);

      const added = await admin.submit(general, { do: 'add-prefix', prefix: 'postgres' });
      expect(added.headers.get('location')).to.include('notice=prefix-added');
      expect(await app.service.store.projects.imagePrefixesOf(project.id)).to.deep.equal([
        'postgres',
      ]);
      const question = await admin.get(`${general}?prefix=postgres`);
      expect(question.html).to.include('Remove postgres from shop/database?');
      await admin.submit(general, { do: 'remove-prefix', prefix: 'postgres' });
      expect(await app.service.store.projects.imagePrefixesOf(project.id)).to.deep.equal([]);
    });

    it('say at the field what is wrong with one', async () => {
      await admin.get(general);

      const wrong = await admin.submit(general, { do: 'add-prefix', prefix: 'Not a name!' });
      await admin.get(general);
      const taken = await admin.submit(general, { do: 'add-prefix', prefix: 'shop/database/api' });

      expect([wrong.status, taken.status]).to.deep.equal([422, 422]);
      expect(wrong.html).to.include('id="prefix-error"').and.include('value="Not a name!"');
      expect(taken.html).to.include('id="prefix-error"');
    });

    it('are shown to maintainers, who cannot change them', async () => {
      const mona = await data.signedIn('mona', 'maintainer', project);
      const { html } = await mona.get(general);

      const { status } = await mona.submit(general, { do: 'add-prefix', prefix: 'mysql' });

      expect(html).to.include('Image prefixes').and.not.include('Add image prefix');
      expect(status).to.equal(403);
      expect(await app.service.store.projects.imagePrefixesOf(project.id)).to.deep.equal([]);
    });
  });
});
