import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { Secret } from '../../src/credentials.js';
import { MOST_OPEN } from '../../src/services/invitations.js';
import { createNamespace, removeNamespace } from '../../src/services/namespaces.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { setAdministrator, setBlocked } from '../../src/services/users.js';
import { ANY_EVENT } from '../support/rows.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { webClient, type WebAnswer, type WebClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';

const HERE = '/admin/users/invitations';
const DAY_MS = 24 * 60 * 60 * 1000;
const CHOSEN = { password: PASSWORD, password_again: PASSWORD };

describe('invitations', () => {
  let app: TestApp;
  let data: WebData;
  let admin: WebClient;
  let time = Date.parse('2026-11-22T12:00:00Z');

  function now(): Date {
    return new Date(time);
  }

  function deps(): Parameters<typeof createNamespace>[0] {
    return { store: app.service.store, now, quotas: NO_QUOTAS };
  }

  beforeEach(async () => {
    app = await startApp({ now });
    data = webData(app, now);
    await data.user('root', { isAdmin: true });
    admin = webClient(app.origin);
    await admin.signIn('root', PASSWORD);
  });

  afterEach(async () => {
    await app.stop();
  });

  async function invite(fields: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    await admin.get(HERE);
    return await admin.submit(HERE, { do: 'invite', role: 'developer', ...fields });
  }

  async function oneLink(fields: Readonly<Record<string, string>> = {}): Promise<string> {
    const [link = ''] = linksIn(await invite(fields));
    return link;
  }

  async function openAndSubmit(
    link: string,
    fields: Readonly<Record<string, string>>,
  ): Promise<WebAnswer> {
    const stranger = webClient(app.origin);
    await stranger.get(link);
    return await stranger.submit(link, fields);
  }

  it('make an account of the name that the administrator chose, with its roles, once', async () => {
    await data.project('shop/database');
    await createNamespace(deps(), OPERATOR, 'team');
    const link = await oneLink({ username: 'eve', places: 'shop/database, team' });

    const created = await openAndSubmit(link, {
      ...CHOSEN,
      username: 'other',
      display_name: 'Eve',
    });
    const again = await webClient(app.origin).get(link);

    expect([created.status, again.status]).to.deep.equal([303, 410]);
    expect(again.html).to.include('This invitation was used already');
    const { users, members } = app.service.store;
    const eve = await users.findByUsername('eve');
    expect(eve).to.include({ displayName: 'Eve', isAdmin: false });
    expect(await users.findByUsername('other')).to.equal(null);
    const roles = await members.rolesOf(eve?.id ?? 0);
    expect([...roles.projects.values()]).to.deep.equal(['developer']);
    expect(roles.namespaces.get('team')).to.equal('developer');
    await webClient(app.origin).signIn('eve', PASSWORD);
  });

  it('leave the username to the invited, who hear what is wrong', async () => {
    const link = await oneLink();
    const stranger = webClient(app.origin);
    await stranger.get(link);

    const unequal = await stranger.submit(link, {
      ...CHOSEN,
      username: 'eve',
      password_again: 'x',
    });
    const taken = await stranger.submit(link, { ...CHOSEN, username: 'root' });
    const created = await stranger.submit(link, { ...CHOSEN, username: 'eve' });

    expect([unequal.status, taken.status, created.status]).to.deep.equal([422, 422, 303]);
    expect(unequal.html).to.include('The two passwords are not the same.');
    expect(taken.html).to.include('The username root is taken.');
    expect((await stranger.get(created.headers.get('location') ?? '')).html).to.include(
      'is created. Sign in to go on.',
    );
  });

  it('let one of two who submit at the same moment in', async () => {
    const link = await oneLink();

    const answers = await Promise.all(
      ['eve', 'eva'].map(async (username) => await openAndSubmit(link, { ...CHOSEN, username })),
    );

    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 303)).to.have.lengthOf(1);
    expect(statuses.find((status) => status !== 303)).to.be.oneOf([410, 422]);
  });

  it('end after seven days, and when they are revoked, and say so', async () => {
    const [expiring, revoked] = [await oneLink(), await oneLink({ username: 'eve' })];
    const question = await admin.get(`${HERE}?revoke=2`);
    await admin.submit(HERE, { do: 'revoke', id: '2' });
    time += 7 * DAY_MS;
    const stranger = webClient(app.origin);

    const [late, ended, guessed] = [
      await stranger.get(expiring),
      await stranger.get(revoked),
      await stranger.get('/-/invitation/guess'),
    ];

    expect(question.html).to.include('Revoke the invitation eve?');
    expect([late.status, ended.status, guessed.status]).to.deep.equal([410, 410, 404]);
    expect(late.html).to.include('This invitation has expired');
    expect(ended.html).to.include('This invitation was revoked');
    expect(guessed.html).to.include('There is no such invitation');
    expect(late.html + ended.html).to.not.include('return_to');
  });

  // Whoever takes over an administrator's account for a minute must not stay in by a link made then.
  it('end with the rights of who made them', async () => {
    const { user: grace, client } = await administrator('grace');
    await client.get(HERE);
    const before = linksIn(await client.submit(HERE, { do: 'invite', role: 'guest' }));
    await setAdministrator(deps(), OPERATOR, grace, false);
    await setAdministrator(deps(), OPERATOR, grace, true);
    await client.get(HERE);
    const then = linksIn(await client.submit(HERE, { do: 'invite', role: 'guest' }));
    await setBlocked(deps(), OPERATOR, grace, 'blocked');

    for (const link of [...before, ...then]) {
      expect((await webClient(app.origin).get(link)).html).to.include('was revoked');
    }
    expect([...before, ...then]).to.have.lengthOf(2);
  });

  async function administrator(
    username: string,
  ): Promise<{ user: Awaited<ReturnType<WebData['user']>>; client: WebClient }> {
    const user = await data.user(username, { isAdmin: true });
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return { user, client };
  }

  it('are for administrators, not for maintainers', async () => {
    const project = await data.project('shop/database');
    const mona = await data.signedIn('mona', 'owner', project);

    const [page, form] = [await mona.get(HERE), await mona.submit(HERE, { do: 'invite' })];

    expect([page.status, form.status]).to.deep.equal([403, 403]);
    expect(await app.service.store.invitations.countOpen(now())).to.equal(0);
  });

  it('are listed with who made them, who joined, and where to', async () => {
    await data.project('shop/database');
    const link = await oneLink({ username: 'eve', places: 'shop/database' });
    await openAndSubmit(link, CHOSEN);
    await invite({ username: 'fay' });

    const { html } = await admin.get(HERE);

    expect(html).to.include('Invitations (2)');
    expect(html).to.match(/by <bdi>root<\/bdi>.*eve joined.*developer of shop\/database/s);
    expect(html).to.not.include('/-/invitation/');
  });

  it('are several in one form, whose links are shown once', async () => {
    await admin.get(HERE);
    const made = await invite({ username: 'eve, fay' });
    const nonce = /name="nonce" value="([^"]+)"/.exec((await admin.get(HERE)).html)?.[1] ?? '';
    await admin.submit(HERE, { do: 'invite', role: 'guest', nonce });
    await admin.get(HERE);
    const twice = await admin.submit(HERE, { do: 'invite', role: 'guest', nonce });

    expect(linksIn(made)).to.have.lengthOf(2);
    expect(made.html).to.include('Link for eve').and.include('Link for fay');
    expect(twice.headers.get('location')).to.include('notice=form-used');
  });

  it('reserve the username, and take none that is taken', async () => {
    await invite({ username: 'eve' });

    const answers = [
      await invite({ username: 'Eve' }),
      await invite({ username: 'fay, root' }),
      await invite({ username: 'gus, GUS' }),
      await invite({ username: 'hal', places: 'no/such' }),
      await admin
        .get('/admin/users')
        .then(async () => await admin.submit('/admin/users', { do: 'create', username: 'EVE' })),
    ];

    expect(answers.map(({ status }) => status)).to.deep.equal([422, 422, 422, 422, 422]);
    expect(answers[0]?.html).to.include('The username Eve is taken.');
    expect(answers[3]?.html).to.include('There is no project and no namespace no/such.');
    expect(await app.service.store.invitations.countOpen(now())).to.equal(1);
  });

  it('pass over a place that was removed meanwhile', async () => {
    const team = await createNamespace(deps(), OPERATOR, 'team');
    const link = await oneLink({ username: 'eve', places: 'team' });
    await removeNamespace(deps(), OPERATOR, team);
    await createNamespace(deps(), OPERATOR, 'team');

    const { status } = await openAndSubmit(link, CHOSEN);

    const eve = await app.service.store.users.findByUsername('eve');
    expect(status).to.equal(303);
    const roles = await app.service.store.members.rolesOf(eve?.id ?? 0);
    expect(roles.namespaces.has('team')).to.equal(false);
  });

  it('are bounded', async () => {
    const expiresAt = new Date(time + DAY_MS);
    await app.service.store.write(async (stores) => {
      for (let made = 0; made < MOST_OPEN; made += 1) {
        await stores.invitations.add({
          secretDigest: Secret.generate().digest(),
          username: null,
          roles: [],
          createdAt: now(),
          createdBy: null,
          expiresAt,
        });
      }
    });

    const refused = await invite();

    expect(refused.status).to.equal(422);
    expect(refused.html).to.include(`At most ${MOST_OPEN} invitations`);
    time += DAY_MS;
    await admin.signIn('root', PASSWORD);
    expect((await invite()).status).to.equal(200);
  });

  it('leave their secret in no log and no audit event, and say who invited whom', async () => {
    const link = await oneLink({ username: 'eve' });
    await openAndSubmit(link, CHOSEN);
    const secret = link.replace('/-/invitation/', '');

    const events = await app.service.store.auditEvents.page(ANY_EVENT, {
      limit: 100,
      start: { after: null },
      total: false,
    });

    const told = events.items.map(({ action, actor, detail }) => ({ action, actor, detail }));
    expect(told).to.deep.include({
      action: 'user_created',
      actor: 'eve',
      detail: 'invited by root',
    });
    expect(told.map(({ action }) => action)).to.include('invitation_created');
    expect(JSON.stringify(events)).to.not.include(secret);
    expect(app.log()).to.include('/-/invitation/…').and.not.include(secret);
  });
});

function linksIn({ html }: WebAnswer): string[] {
  return Array.from(html.matchAll(/\/-\/invitation\/[\w-]+/g), ([link]) => link);
}
