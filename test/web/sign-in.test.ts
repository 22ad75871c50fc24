import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { createAccessToken } from '../../src/services/access-tokens.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { localPath } from '../../src/web/addresses.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { hidden, webClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';
import { deployTokensOf } from '../support/rows.js';

const MINUTE = 60_000;

describe('sign-in', () => {
  let app: TestApp;
  let data: WebData;
  let time: number;

  let certsDir: string;

  before(async () => {
    certsDir = await mkdtemp(join(tmpdir(), 'pullgate-certs-'));
  });

  after(async () => {
    await rm(certsDir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    time = Date.parse('2026-11-22T12:00:00Z');
    app = await startApp({ certsDir, now: () => new Date(time) });
    data = webData(app, () => new Date(time));
    await data.user('ada');
  });

  afterEach(async () => {
    await app.stop();
  });

  it('goes on to the page that was asked for', async () => {
    const client = webClient(app.origin);
    const asked = await client.get('/-/profile?notice=welcome');
    await client.get(asked.headers.get('location') ?? '');

    const answer = await client.submit('/users/sign_in', {
      username: 'ada',
      password: PASSWORD,
      return_to: '/-/profile?notice=welcome',
    });

    expect(answer.status).to.equal(303);
    expect(answer.headers.get('location')).to.equal('/-/profile?notice=welcome');
  });

  for (const target of [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    '/%0d%0aSet-Cookie:x=1\r\nx',
    'javascript:alert(1)',
    '/\t/evil.example',
  ]) {
    // The attack: a link to the sign-in page that sends the person, just signed in, to another site.
    it(`never goes on to ${JSON.stringify(target)}`, async () => {
      const client = webClient(app.origin);
      await client.get(`/users/sign_in?return_to=${encodeURIComponent(target)}`);

      const answer = await client.submit('/users/sign_in', {
        username: 'ada',
        password: PASSWORD,
        return_to: localPath(target),
      });

      expect(localPath(target)).to.match(/^\/(?![/\\])/);
      expect(answer.headers.get('location')).to.match(/^\/(?![/\\])/);
    });
  }

  it('says the same of an unknown user, a wrong password and a blocked user', async () => {
    const blocked = await data.user('mallory');
    await app.service.store.users.setBlockedAt(blocked.id, new Date(time));
    const pages: string[] = [];

    for (const [username, password] of [
      ['nobody', PASSWORD],
      ['ada', 'a wrong password'],
      ['mallory', PASSWORD],
    ] as const) {
      const client = webClient(app.origin);
      await client.get('/users/sign_in');
      const answer = await client.submit('/users/sign_in', { username, password });
      expect(answer.status).to.equal(422);
      expect(client.cookies.has('pullgate_session')).to.equal(false);
      pages.push(
        answer.html.replaceAll(username, 'NAME').replaceAll(/name="csrf" value="[^"]+"/g, ''),
      );
    }

    expect(new Set(pages).size).to.equal(1);
  });

  // People type their password into the field above it and press Enter. The log had what stood there of
  // everybody, and keeps it for as long as logs are kept. It has the names of accounts that there are.
  it('leaves no username in the log that is nobody’s', async () => {
    const client = webClient(app.origin);
    await client.get('/users/sign_in');
    await client.submit('/users/sign_in', { username: 'hunter2 hunter2', password: 'oops' });
    await client.submit('/users/sign_in', { username: 'ADA', password: 'a wrong password' });
    await client.submit('/users/sign_in', { username: 'ada', password: PASSWORD });

    expect(app.log()).not.to.contain('hunter2');
    expect(app.log()).to.contain('"refusal":"wrong_password","user":"ada"');
    expect(app.log()).to.contain('"actor":"ada"');
  });

  it('gives a cookie that scripts and other sites cannot use', async () => {
    const client = webClient(app.origin);

    const answer = await client.signIn('ada', PASSWORD);

    const cookie = answer.headers
      .getSetCookie()
      .find((text) => text.startsWith('pullgate_session'));
    expect(cookie).to.include('; HttpOnly').and.include('; SameSite=Lax').and.include('; Path=/');
    expect(cookie).to.not.include('Secure');
  });

  it('marks the cookie Secure and __Host- where the public address is https', async () => {
    const https = await startApp({ env: { PULLGATE_HTTP_PUBLIC_URL: 'https://pull.example.com' } });
    try {
      await webData(https).user('ada');
      const client = webClient(https.origin);
      const page = await client.get('/users/sign_in');
      const answer = await client.signIn('ada', PASSWORD);

      const cookies = answer.headers.getSetCookie();
      expect(cookies[0]).to.match(/^__Host-pullgate_session=.*; Secure$/);
      expect(page.headers.get('strict-transport-security')).to.include('max-age=');
    } finally {
      await https.stop();
    }
  });

  // Session fixation: an attacker plants a session of their own making in the victim's browser.
  it('starts a new session, whatever cookie came with it', async () => {
    const client = webClient(app.origin);
    const planted = 'A'.repeat(32);
    client.cookies.set('pullgate_session', planted);

    await client.signIn('ada', PASSWORD);

    expect(client.cookies.get('pullgate_session')).to.not.equal(planted);
    const attacker = webClient(app.origin);
    attacker.cookies.set('pullgate_session', planted);
    expect((await attacker.get('/-/profile')).status).to.equal(303);
  });

  it('ends the session that the browser had before', async () => {
    const client = webClient(app.origin);
    await client.signIn('ada', PASSWORD);
    const before = client.cookies.get('pullgate_session') ?? '';
    await client.get('/-/profile');
    await client.submit('/users/sign_in', { username: 'ada', password: PASSWORD });

    const old = webClient(app.origin);
    old.cookies.set('pullgate_session', before);

    expect(client.cookies.get('pullgate_session')).to.not.equal(before);
    expect((await old.get('/-/profile')).status).to.equal(303);
  });

  it('keeps neither the cookie nor the password in the database or the log', async () => {
    const client = webClient(app.origin);
    await client.signIn('ada', PASSWORD);
    const secret = client.cookies.get('pullgate_session') ?? '-';

    const files = (await readdir(app.folder)).filter((name) => name.startsWith('pullgate.db'));
    for (const file of files) {
      const bytes = await readFile(`${app.folder}/${file}`);
      expect(bytes.includes(secret)).to.equal(false);
      expect(bytes.includes(PASSWORD)).to.equal(false);
    }
    expect(app.log()).to.not.include(secret).and.not.include(PASSWORD);
  });

  // A limit by address shuts out the whole office behind it, and one that a success sets back lets
  // whoever has one good account try the others for ever. The count is for address and name
  // together, and only wrong passwords count.
  it('asks to wait after ten wrong passwords, and lets others in meanwhile', async () => {
    await data.user('grace');
    const guesser = webClient(app.origin);
    await guesser.get('/users/sign_in');
    for (let i = 0; i < 10; i += 1) {
      await guesser.submit('/users/sign_in', { username: 'ada', password: `guess ${i}` });
    }

    const refused = await guesser.submit('/users/sign_in', { username: 'ADA', password: PASSWORD });
    const other = await webClient(app.origin).signIn('grace', PASSWORD);

    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0);
    expect(refused.html).to.include('Too many attempts');
    expect(other.status).to.equal(303);
    // The success of another account is no new start for the guesser.
    const again = await guesser.submit('/users/sign_in', { username: 'ada', password: PASSWORD });
    expect(again.status).to.equal(429);
  });

  it('takes no token for a password', async () => {
    const user = await app.service.store.users.findByUsername('ada');
    const { secret } = await createAccessToken(
      { store: app.service.store, now: () => new Date(time), quotas: NO_QUOTAS },
      OPERATOR,
      user ?? expect.fail('no user'),
      { name: 'x', scopes: ['api'], expiresAt: null },
    );
    const client = webClient(app.origin);
    await client.get('/users/sign_in');

    const answer = await client.submit('/users/sign_in', {
      username: 'ada',
      password: secret.reveal(),
    });

    expect(answer.status).to.equal(422);
  });

  it('ends after eight idle hours, and after seven days whatever happens', async () => {
    const client = webClient(app.origin);
    await client.signIn('ada', PASSWORD);
    time += 8 * 60 * MINUTE - 1;
    expect((await client.get('/-/profile')).status).to.equal(200);
    time += 8 * 60 * MINUTE;
    expect((await client.get('/-/profile')).status).to.equal(303);

    const busy = webClient(app.origin);
    await busy.signIn('ada', PASSWORD);
    for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
      time += 6 * 60 * MINUTE;
      expect((await busy.get('/-/profile')).status, `after ${hours + 6} hours`).to.equal(200);
    }
    time += 6 * 60 * MINUTE;
    expect((await busy.get('/-/profile')).status).to.equal(303);
  });

  it('ends everywhere at once by "Sign out everywhere"', async () => {
    const [one, two] = [webClient(app.origin), webClient(app.origin)];
    await one.signIn('ada', PASSWORD);
    await two.signIn('ada', PASSWORD);
    await one.get('/-/profile');

    const answer = await one.submit('/-/profile', { do: 'end-all-sessions' });

    expect(answer.status).to.equal(303);
    expect(one.cookies.has('pullgate_session')).to.equal(false);
    expect((await two.get('/-/profile')).status).to.equal(303);
  });

  it('ends for good by signing out: the old cookie is worth nothing', async () => {
    const client = webClient(app.origin);
    await client.signIn('ada', PASSWORD);
    const cookie = client.cookies.get('pullgate_session') ?? '';
    await client.get('/');
    const answer = await client.submit('/users/sign_out', {});
    client.cookies.set('pullgate_session', cookie);

    expect(answer.headers.get('clear-site-data')).to.equal('"cache"');
    expect((await client.get('/-/profile')).status).to.equal(303);
  });

  it('ends for a user who is blocked', async () => {
    const client = webClient(app.origin);
    await client.signIn('ada', PASSWORD);
    const user = await app.service.store.users.findByUsername('ada');
    await app.service.store.users.setBlockedAt(user?.id ?? 0, new Date(time));

    expect((await client.get('/-/profile')).status).to.equal(303);
  });

  it('is not lost on a form that was filled in when the session ended', async () => {
    const project = await data.project('tanuki/app');
    const client = await data.signedIn('grace', 'maintainer', project);
    const address = '/tanuki/app/-/settings/repository/deploy_tokens/new';
    await client.get(address);
    time += 9 * 60 * MINUTE;
    const form = {
      name: 'prod "<b>" €',
      username: 'prod+1',
      scopes: ['read_registry', 'read_repository'],
      expires_at: '2027-01-01',
      password: 'never to be kept',
    };

    const expired = await client.submit(address, form);
    const back = await client.submit('/users/sign_in', {
      username: 'grace',
      password: PASSWORD,
      return_to: hidden(expired.html, 'return_to'),
      kept: hidden(expired.html, 'kept').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    });

    expect(expired.status).to.equal(401);
    expect(expired.html).to.not.include('never to be kept');
    expect(back.status).to.equal(200);
    expect(back.html).to.include('value="prod &quot;&lt;b>&quot; €"');
    expect(back.html).to.include('value="prod+1"').and.include('value="2027-01-01"');
    expect(back.html.match(/ checked/g)).to.have.lengthOf(3);
    expect(await deployTokensOf(app.service.store, project.id)).to.deep.equal([]);
    const created = await client.submit(address, form);
    expect(created.html).to.include('Your new deploy token');
  });
});
