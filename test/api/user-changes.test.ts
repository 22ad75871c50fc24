import { expect } from 'chai';
import { ApiUser } from '../../src/api/user-answer.js';
import { newAccessToken, newUser } from '../doors/app-data.js';
import { auditEventsOf } from '../support/rows.js';
import { FORM, send } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import {
  API,
  clientOf,
  fieldOf,
  idIn,
  newAdministrator,
  textIn,
  type ApiClient,
} from './api-client.js';

const ROBOT = { force_random_password: true };

describe('accounts, changed by the API', () => {
  const app = withApp();
  let admin: ApiClient;
  let number = 0;

  before(async () => {
    admin = await newAdministrator(app);
  });

  async function newAccount(more: object = {}): Promise<{ path: string; username: string }> {
    number += 1;
    const username = `changed-${number}`;
    const made = await admin.post('/users', { username, ...ROBOT, ...more });
    return { path: `/users/${idIn(made)}`, username };
  }

  it('are shown as they were made, with what a client compares', async () => {
    const input = {
      name: 'Grace',
      email: 'grace@example.com',
      note: 'on leave',
      external: true,
      can_create_group: true,
      projects_limit: 7,
      admin: true,
    };
    const { path, username } = await newAccount(input);

    const shown = await admin.get(path);

    const { admin: isAdmin, ...kept } = input;
    expect(shown.body).to.include({ ...kept, username, is_admin: isAdmin });
    const namespace = await admin.get(`/namespaces/${username}`);
    expect(fieldOf(shown, 'namespace_id')).to.equal(idIn(namespace));
  });

  for (const change of [
    {},
    { name: 'Other' },
    { email: 'other@example.com' },
    { email: '' },
    { note: 'x' },
    { external: 'True' },
    { can_create_group: '1' },
    { projects_limit: '3' },
    { admin: true },
    { unheard_of: 1 },
    { skip_reconfirmation: true, reset_password: false, overwrite_identities: false },
  ]) {
    it(`take ${JSON.stringify(change)} alone, and keep the rest`, async () => {
      const { path } = await newAccount({ name: 'Name', email: 'mail@example.com', note: 'note' });
      const before = await admin.get(path);

      const changed = await admin.put(path, change);

      expect(changed.status).to.equal(200);
      const shown = await admin.get(path);
      expect(shown.body).to.deep.equal(changed.body);
      const names = Object.keys(ApiUser.parse(shown.body)).filter(
        (name) => JSON.stringify(fieldOf(shown, name)) !== JSON.stringify(fieldOf(before, name)),
      );
      expect(names.length).to.be.lessThan(2);
      expect(names.every((name) => [name, 'admin'].some((key) => key in change))).to.equal(true);
    });
  }

  it('lose an address and a note that are set to nothing', async () => {
    const { path } = await newAccount({ email: 'mail@example.com', note: 'note' });

    await admin.put(path, { email: '', note: '' });

    expect((await admin.get(path)).body).to.include({ email: '', note: '' });
  });

  it('are changed by a form, and with the username that they have', async () => {
    const { path, username } = await newAccount();
    const { user } = await newUser(app, { isAdmin: true });
    const { secret } = await newAccessToken(app, user, ['api']);

    const answer = await send(app.origin, {
      method: 'PUT',
      target: API + path,
      headers: { 'private-token': secret, 'content-type': FORM },
      body: `username=${username}&name=Form&email=form%40example.com&note=one%0D%0Atwo`,
    });

    expect(answer.status).to.equal(200);
    const note = 'one\r\ntwo';
    expect((await admin.get(path)).body).to.include({
      name: 'Form',
      email: 'form@example.com',
      note,
    });
  });

  it('get another password, which ends their sessions and is not told', async () => {
    const { path } = await newAccount();

    const short = await admin.put(path, { password: 'short', name: 'Not this' });
    const set = await admin.put(path, { password: 'a new long password' });

    expect([short.status, set.status]).to.deep.equal([400, 200]);
    expect(fieldOf(short, 'message')).to.have.all.keys('password');
    expect(set.text + app.log()).not.to.contain('a new long password');
    expect(textIn(await admin.get(path), 'name')).not.to.equal('Not this');
    const [event] = await auditEventsOf(app.service.store, null);
    expect(event?.action).to.equal('user_password_changed');
  });

  for (const [what, change, status] of [
    ['another username', { username: 'renamed' }, 400],
    ['a mail to set the password', { reset_password: true }, 400],
    ['a name on two lines', { name: 'a\nb' }, 400],
    ['an address with a blank', { email: 'a b' }, 400],
    ['a note without end', { note: 'x'.repeat(2001) }, 400],
    ['a limit in words', { projects_limit: 'many' }, 400],
  ] as const) {
    it(`are left as they were with ${what}`, async () => {
      const { path } = await newAccount();
      const before = await admin.get(path);

      const refused = await admin.put(path, change);

      expect(refused.status).to.equal(status);
      expect((await admin.get(path)).body).to.deep.equal(before.body);
    });
  }

  it('do not take away their own rights', async () => {
    const self = await admin.get('/user');

    const answer = await admin.put(`/users/${idIn(self)}`, { admin: false });

    expect(answer.status).to.equal(403);
    expect(fieldOf(await admin.get('/user'), 'is_admin')).to.equal(true);
  });

  it('have notes that their users do not see, and addresses that go with them', async () => {
    const { user } = await newUser(app);
    await admin.put(`/users/${user.id}`, { note: 'secret note', email: 'u@example.com' });
    const client = await clientOf(app, user);
    await client.post('/projects', { path: `${user.username}/left` });

    const own = await client.get('/user');
    await admin.delete(`/users/${user.id}`);

    expect(own.text).not.to.contain('secret note');
    expect(fieldOf(own, 'email')).to.equal('u@example.com');
    const details = await app.service.store.details.ofUsers([user.id]);
    expect(details.get(user.id)).to.deep.equal({ email: '', note: '', settings: {} });
  });
});
