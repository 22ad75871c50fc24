import { expect } from 'chai';
import { prepareSetup } from '../../src/services/first-administrator.js';
import { startApp } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';
import { webClient } from '../support/web-client.js';
import { PASSWORD, webData, type WebData } from './web-data.js';
import { deployTokensOf, membersOf } from '../support/rows.js';

const SETTINGS = ['repository', 'members', 'general'];

describe('pages', () => {
  const app = withApp();
  let data: WebData;

  before(async () => {
    data = webData(app);
  });

  async function get(username: string, path: string): Promise<{ status: number; html: string }> {
    const client = webClient(app.origin);
    await client.signIn(username, PASSWORD);
    return await client.get(path);
  }

  describe('of a project that one may not see', () => {
    before(async () => {
      await data.project('hidden/app');
      await data.user('stranger');
    });

    for (const suffix of ['', ...SETTINGS.map((name) => `/-/settings/${name}`)]) {
      it(`look as if it did not exist: ${suffix || 'overview'}`, async () => {
        const hidden = await get('stranger', `/hidden/app${suffix}`);
        const missing = await get('stranger', `/hidden/nix${suffix}`);

        expect(hidden.status).to.equal(404);
        expect(plain(hidden.html, 'hidden/app')).to.equal(plain(missing.html, 'hidden/nix'));
      });

      it(`look the same to somebody who is not signed in: ${suffix || 'overview'}`, async () => {
        const hidden = await webClient(app.origin).get(`/hidden/app${suffix}`);
        const missing = await webClient(app.origin).get(`/hidden/nix${suffix}`);

        expect(hidden.status).to.equal(missing.status).and.oneOf([303, 404]);
        expect(plain(hidden.html, 'hidden/app')).to.equal(plain(missing.html, 'hidden/nix'));
      });
    }
  });

  it('show a project to its guests, and its settings to its maintainers alone', async () => {
    const project = await data.project('roles/app');
    for (const [role, status] of [
      ['guest', 403],
      ['developer', 403],
      ['maintainer', 200],
      ['owner', 200],
    ] as const) {
      const client = await data.signedIn(`roles-${role}`, role, project);

      expect((await client.get('/roles/app')).status).to.equal(200);
      for (const name of SETTINGS) {
        expect((await client.get(`/roles/app/-/settings/${name}`)).status).to.equal(status);
      }
    }
  });

  it('take the settings away at the very next request from whoever loses the role', async () => {
    const project = await data.project('lost/app');
    const client = await data.signedIn('lost-user', 'maintainer', project);
    await client.get('/lost/app/-/settings/repository/deploy_tokens/new');
    const user = await app.service.store.users.findByUsername('lost-user');
    await data.member(project, user ?? expect.fail('no user'), 'developer');

    const answer = await client.submit('/lost/app/-/settings/repository/deploy_tokens/new', {
      name: 'x',
      scopes: 'read_registry',
    });

    expect(answer.status).to.equal(403);
    expect(await deployTokensOf(app.service.store, project.id)).to.deep.equal([]);
  });

  it('make whoever creates a project its owner', async () => {
    await data.user('creator');
    const client = webClient(app.origin);
    await client.signIn('creator', PASSWORD);
    await client.get('/projects/new');

    const answer = await client.submit('/projects/new', {
      path: 'creator/app',
      visibility: 'internal',
    });

    expect(answer.headers.get('location')).to.match(/^\/creator\/app\?/);
    expect((await client.get('/creator/app/-/settings/members')).html).to.include('creator');
    expect((await client.get('/creator/app/-/settings/general')).status).to.equal(200);
  });

  // A browser keeps pages: going back, reloading, or reading the list shows the secret to whoever
  // sits down next. The secret is in the answer to the one form that made it, which nobody may
  // store; sending that form again shows nothing and makes no second token.
  it('show the secret of a deploy token once, and make one token for one form', async () => {
    const project = await data.project('once/app');
    const client = await data.signedIn('once-user', 'maintainer', project);
    const address = '/once/app/-/settings/repository';
    const form = `${address}/deploy_tokens/new`;
    const { html } = await client.get(form);
    const fields = {
      csrf: /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '',
      nonce: /name="nonce" value="([^"]+)"/.exec(html)?.[1] ?? '',
      name: 'cluster',
      username: 'team+cluster',
      scopes: ['read_registry', 'read_repository'],
    };

    const first = await client.post(form, fields);
    const reloaded = await client.post(form, fields);

    expect(first.status).to.equal(200);
    expect(first.headers.get('cache-control')).to.equal('no-store');
    const secret = /gldt-[\w-]{32}/.exec(first.html)?.[0] ?? '';
    expect(first.html).to.include(`team%2Bcluster:${secret}@localhost:5080/once/app.git`);
    expect(first.html).to.include('kubernetes.io/dockerconfigjson');
    expect(reloaded.headers.get('location')).to.equal(`${address}?notice=form-used`);
    expect((await client.get(`${address}?notice=form-used`)).html).to.not.include(secret);
    expect(await deployTokensOf(app.service.store, project.id)).to.have.lengthOf(1);
    expect(app.log()).to.not.include(secret);
  });

  it('make one token of a form that is sent five times at once', async () => {
    const project = await data.project('race/app');
    const client = await data.signedIn('race-user', 'maintainer', project);
    await client.get('/race/app/-/settings/repository/deploy_tokens/new');

    const fields = { name: 'x', scopes: 'read_registry' };
    const sent = Array.from(
      { length: 5 },
      async () => await client.submit('/race/app/-/settings/repository/deploy_tokens/new', fields),
    );
    const statuses = (await Promise.all(sent)).map(({ status }) => status);

    expect(statuses).to.have.members([200, 303, 303, 303, 303]);
    expect(await deployTokensOf(app.service.store, project.id)).to.have.lengthOf(1);
  });

  it('let two maintainers work at once: the first revocation is the one on record', async () => {
    const project = await data.project('two/app');
    const id = await data.token(project, 'shared');
    const [one, two] = [
      await data.signedIn('two-one', 'maintainer', project),
      await data.signedIn('two-two', 'maintainer', project),
    ];
    const address = '/two/app/-/settings/repository';
    const form = `${address}/deploy_tokens/new`;
    await one.get(form);
    await two.get(form);

    const made = await Promise.all([
      one.submit(form, { name: 'by one', scopes: 'read_registry' }),
      two.submit(form, { name: 'by two', scopes: 'read_registry' }),
    ]);
    await one.submit(`${address}/deploy_tokens/${id}/revoke`, {});
    await two.get(address);
    const late = await two.submit(`${address}/deploy_tokens/${id}/revoke`, {});

    expect(made.map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(late.status).to.equal(303);
    expect((await one.get(`${address}?show=inactive`)).html).to.include('by two-one');
    expect((await one.get(`${address}?show=active`)).html).to.include('Active Deploy Tokens (2)');
  });

  it('say beside each field what is wrong, and keep what was typed', async () => {
    const project = await data.project('errors/app');
    const client = await data.signedIn('errors-user', 'maintainer', project);
    await client.get('/errors/app/-/settings/repository/deploy_tokens/new');

    const answer = await client.submit('/errors/app/-/settings/repository/deploy_tokens/new', {
      name: ' ',
      username: 'a:b',
      expires_at: '2020-01-01',
    });

    expect(answer.status).to.equal(422);
    for (const id of ['name', 'username', 'expires-at', 'scopes']) {
      expect(answer.html).to.include(`id="${id}-error"`);
    }
    expect(answer.html).to.include('value="a:b"').and.include('value="2020-01-01"');
  });

  it('say everything that is wrong with a personal access token at once', async () => {
    const client = await data.signedIn('pat-errors', null, await data.project('pat/errors'));
    await client.get('/-/profile');

    const answer = await client.submit('/-/profile', {
      do: 'create-token',
      name: ' ',
      expires_at: '2027-02-30',
    });

    expect(answer.status).to.equal(422);
    expect(answer.html.match(/id="[a-z-]+-error"/g)).to.have.lengthOf(3);
    expect(answer.html).to.include('Enter a date that exists');
  });

  it('say everything that is wrong with a new password at once', async () => {
    const client = await data.signedIn('pw-errors', null, await data.project('pw/errors'));
    await client.get('/-/profile');

    const answer = await client.submit('/-/profile', {
      do: 'password',
      current_password: PASSWORD,
      password: 'short',
      password_again: 'shorter',
    });

    expect(answer.status).to.equal(422);
    expect(answer.html).to.include('A password has 8 to').and.include('are not the same');
  });

  it('revoke a deploy token after asking, and say who did it', async () => {
    const project = await data.project('revoke/app');
    const id = await data.token(project, 'old laptop');
    const client = await data.signedIn('revoker', 'maintainer', project);
    const address = '/revoke/app/-/settings/repository';

    const question = await client.get(`${address}/deploy_tokens/${id}/revoke`);
    const answer = await client.submit(`${address}/deploy_tokens/${id}/revoke`, {});
    const inactive = await client.get(`${address}?show=inactive`);

    expect(question.html).to.include('old laptop');
    expect(answer.status).to.equal(303);
    expect(inactive.html).to.include('revoked').and.include('by revoker');
  });

  it('take a name of 255 characters and none of 256', async () => {
    const project = await data.project('long/app');
    const client = await data.signedIn('long-user', 'maintainer', project);
    await client.get('/long/app/-/settings/repository/deploy_tokens/new');
    const address = '/long/app/-/settings/repository/deploy_tokens/new';

    const tooLong = await client.submit(address, {
      name: 'x'.repeat(256),
      scopes: 'read_registry',
    });
    const longest = await client.submit(address, {
      name: 'x'.repeat(255),
      scopes: 'read_registry',
    });

    expect(tooLong.status).to.equal(422);
    expect(longest.status).to.equal(200);
  });

  it('change the visibility, archive, and remove after the path was typed', async () => {
    const project = await data.project('general/app');
    const client = await data.signedIn('general-user', 'owner', project);
    const address = '/general/app/-/settings/general';
    await client.get(address);

    await client.submit(address, { do: 'visibility', visibility: 'public' });
    await client.submit(address, { do: 'archive' });
    const changed = await app.service.store.projects.findByPath('general/app');
    const wrong = await client.submit(address, { do: 'remove', path: 'general/ap' });
    const right = await client.submit(address, { do: 'remove', path: 'general/app' });

    expect(changed?.visibility).to.equal('public');
    expect(changed?.archivedAt).to.not.equal(null);
    expect(wrong.status).to.equal(422);
    expect(right.status).to.equal(303);
    expect(await app.service.store.projects.findByPath('general/app')).to.equal(null);
  });

  it('choose the branch that clones check out, of those that are there', async () => {
    const project = await data.project('branch/app');
    const client = await data.signedIn('branch-user', 'owner', project);
    const address = '/branch/app/-/settings/general';
    await client.get(address);

    await client.submit(address, { do: 'default-branch', default_branch: ' trunk ' });
    const wrong = await client.submit(address, { do: 'default-branch', default_branch: 'a..b' });

    expect((await client.get(address)).html).to.contain('value="trunk"');
    expect(wrong.status).to.equal(422);
    expect(wrong.html).to.contain('A branch cannot have this name.');
  });

  it('add members, change their roles and remove them', async () => {
    const project = await data.project('members/app');
    const client = await data.signedIn('members-boss', 'owner', project);
    const user = await data.user('members-new');
    const address = '/members/app/-/settings/members';
    await client.get(address);
    async function roles(): Promise<string[]> {
      const members = await membersOf(app.service.store, project.id);
      return members.filter((member) => member.user.id === user.id).map(({ role }) => role);
    }

    await client.submit(address, { do: 'set', username: 'members-new', role: 'reporter' });
    const added = await roles();
    await client.submit(address, { do: 'set', username: 'members-new', role: 'developer' });
    const changed = await roles();
    await client.submit(address, { do: 'remove', username: 'members-new' });
    const nobody = await client.submit(address, { do: 'set', username: 'nobody', role: 'guest' });

    expect([added, changed, await roles()]).to.deep.equal([['reporter'], ['developer'], []]);
    expect(nobody.html).to.include('There is no user nobody.');
  });

  it('say beside the role that there is no such one', async () => {
    const client = await data.signedIn('role-owner', 'owner', await data.project('role/app'));
    const address = '/role/app/-/settings/members';
    await client.get(address);

    const fields = { do: 'set', username: 'role-owner', role: 'emperor' };
    const answer = await client.submit(address, fields);

    expect(answer.status).to.equal(422);
    expect(answer.html).to.match(
      /<select id="role" aria-invalid="?(true)?"? aria-describedby="role-error"/,
    );
    expect(answer.html).to.include('<p class="field-error" id="role-error">Choose a role.</p>');
  });

  it('change the own password and end the other sessions', async () => {
    await data.user('changer');
    const [here, there] = [webClient(app.origin), webClient(app.origin)];
    await here.signIn('changer', PASSWORD);
    await there.signIn('changer', PASSWORD);
    await here.get('/-/profile');
    const next = { do: 'password', password: 'a new password', password_again: 'a new password' };

    const wrong = await here.submit('/-/profile', { ...next, current_password: 'guess' });
    const right = await here.submit('/-/profile', { ...next, current_password: PASSWORD });

    expect(wrong.status).to.equal(422);
    expect(right.status).to.equal(303);
    expect((await here.get('/-/profile')).status).to.equal(200);
    expect((await there.get('/-/profile')).status).to.equal(303);
    await webClient(app.origin).signIn('changer', 'a new password');
  });

  it('show users to administrators alone, and a generated password once', async () => {
    await data.user('plain');
    await data.user('boss', { isAdmin: true });
    const client = webClient(app.origin);
    await client.signIn('boss', PASSWORD);
    await client.get('/admin/users');

    const created = await client.submit('/admin/users', { do: 'create', username: 'fresh' });
    const password = /id="new-password"[^>]*>([^<]+)</.exec(created.html)?.[1] ?? '';
    const self = await client.submit('/admin/users', { do: 'block', username: 'boss' });

    expect((await get('plain', '/admin/users')).status).to.equal(403);
    await webClient(app.origin).signIn('fresh', password);
    await client.get('/admin/users');
    await client.submit('/admin/users', { do: 'block', username: 'fresh' });
    expect((await app.service.store.users.findByUsername('fresh'))?.blockedAt).to.not.equal(null);
    expect(self.html).to.include('You cannot block yourself.');
  });
});

describe('the first administrator', () => {
  it('is made by a link that works once and lives a day', async () => {
    let time = Date.parse('2026-11-22T12:00:00Z');
    const app = await startApp({ now: () => new Date(time) });
    try {
      const deps = { store: app.service.store, now: () => new Date(time) };
      const old = await prepareSetup(deps);
      time += 24 * 60 * 60 * 1000;
      const link = await prepareSetup(deps);
      const client = webClient(app.origin);
      const path = `/-/setup/${link?.reveal() ?? ''}`;

      expect((await client.get(`/-/setup/${old?.reveal() ?? ''}`)).status).to.equal(404);
      expect((await client.get('/-/setup/guess')).status).to.equal(404);
      expect((await client.get(path)).status).to.equal(200);
      const fields = { username: 'root', password: PASSWORD, password_again: PASSWORD };
      const unequal = await client.submit(path, { ...fields, password_again: 'x' });
      const created = await client.submit(path, fields);
      const again = await client.submit(path, { ...fields, username: 'second' });

      expect([unequal.status, created.status, again.status]).to.deep.equal([422, 303, 404]);
      expect(await prepareSetup(deps)).to.equal(null);
      expect(app.log()).to.not.include(link?.reveal());
      await client.signIn('root', PASSWORD);
      expect((await client.get('/admin/users')).status).to.equal(200);
    } finally {
      await app.stop();
    }
  });
});

/** What does not differ by itself: tokens, and the address that was asked for. */
function plain(html: string, path: string): string {
  return html
    .replaceAll(/name="csrf" value="[^"]+"/g, '')
    .replaceAll(path, 'PATH')
    .replaceAll(encodeURIComponent(path), 'PATH');
}
