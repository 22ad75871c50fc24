import { expect } from 'chai';
import { z } from 'zod';
import type { Project } from '../../src/access/project.js';
import { giveRole, newAccessToken, newMember, newProject, newUser } from '../doors/app-data.js';
import { withApp } from '../support/with-app.js';
import {
  apiClient,
  clientOf,
  fieldOf,
  idIn,
  idsIn,
  newAdministrator,
  NOT_FOUND,
  textIn,
  type ApiClient,
} from './api-client.js';

const TODAY = new Date('2026-11-22T12:00:00Z');
const AnyObject = z.record(z.string(), z.unknown());
const MessageByField = z.object({ message: z.record(z.string(), z.array(z.string())) });
const MISSING = 999_999;

describe('people of the API', () => {
  const app = withApp({ now: () => TODAY });
  let admin: ApiClient;
  let number = 0;

  before(async () => {
    admin = await newAdministrator(app);
  });

  function newName(): string {
    number += 1;
    return `person-${number}`;
  }

  describe('members', () => {
    let project: Project;
    let members: string;

    beforeEach(async () => {
      project = await newProject(app);
      members = `/projects/${project.id}/members`;
    });

    it('are added by number or name, listed, changed and removed', async () => {
      const first = (await newUser(app)).user;
      const second = (await newUser(app)).user;

      const added = await admin.post(members, { user_id: first.id, access_level: 30 });
      const byName = await admin.post(members, { username: second.username, access_level: '20' });
      const changed = await admin.put(`${members}/${first.id}`, { access_level: 40 });
      const removed = await admin.delete(`${members}/${second.id}`);

      expect([added.status, byName.status, changed.status, removed.status]).to.deep.equal([
        201, 201, 200, 204,
      ]);
      expect(added.body).to.include({
        id: first.id,
        username: first.username,
        state: 'active',
        access_level: 30,
      });
      expect(fieldOf(byName, 'access_level')).to.equal(20);
      const [only, ...others] = idsIn(await admin.get(`${members}/all`));
      expect([only, others]).to.deep.equal([first.id, []]);
      expect(fieldOf(await admin.get(`${members}/${first.id}`), 'access_level')).to.equal(40);
      expect((await admin.get(`${members}/${second.id}`)).body).to.deep.equal(NOT_FOUND);
    });

    it('are found by a part of their name and by their numbers', async () => {
      const { user } = await newMember(app, project, 'guest');
      const other = (await newMember(app, project, 'guest')).user;

      expect(
        idsIn(await admin.get(`${members}?query=${user.username.toUpperCase()}`)),
      ).to.deep.equal([user.id]);
      expect(idsIn(await admin.get(`${members}?user_ids=${user.id},${other.id}`))).to.deep.equal([
        user.id,
        other.id,
      ]);
      expect(idsIn(await admin.get(`${members}?user_ids[]=${other.id}`))).to.deep.equal([other.id]);
      expect(idsIn(await admin.get(`${members}?user_ids=${MISSING}`))).to.deep.equal([]);
    });

    // A list of nothing became `IN ()`, which MariaDB cannot read: 500, and a line in the log for each.
    // It is answered like a list of those who are not there, or refused as no list.
    it('are no failure for a list without a number in it', async () => {
      const { status } = await admin.get(`${members}?user_ids=,`);

      expect(status).to.be.oneOf([200, 400]);
    });

    for (const [what, input, status, body] of [
      [
        'nobody',
        { access_level: 30 },
        400,
        { error: 'user_id, username are missing, exactly one parameter must be provided' },
      ],
      ['no role', { user_id: 1 }, 400, { error: 'access_level is missing' }],
      [
        'a role that there is not',
        { user_id: 1, access_level: 35 },
        400,
        { error: 'access_level does not have a valid value' },
      ],
      [
        'a role by name',
        { user_id: 1, access_level: 'developer' },
        400,
        { error: 'access_level is invalid' },
      ],
      [
        'several at once',
        { user_id: '1,2', access_level: 30 },
        400,
        { error: 'user_id is invalid' },
      ],
      [
        'both a number and a name',
        { user_id: 1, username: 'ada', access_level: 30 },
        400,
        { error: 'user_id, username are mutually exclusive' },
      ],
      [
        'an end',
        { user_id: 1, access_level: 30, expires_at: '2027-01-01' },
        400,
        { error: 'expires_at is not supported: members stay until they are removed' },
      ],
      [
        'a user that there is not',
        { user_id: MISSING, access_level: 30 },
        404,
        { message: '404 User Not Found' },
      ],
    ] as const) {
      it(`are refused with ${what}: ${status}`, async () => {
        const answer = await admin.post(members, input);

        expect(answer.status).to.equal(status);
        expect(answer.body).to.deep.equal(body);
      });
    }

    // Any account makes a project of its own, and adds 1, 2, 3, …: the answers are everybody's names.
    it('are added by number by those who know them, and by exact name by any maintainer', async () => {
      const { user: owner } = await newMember(app, project, 'owner');
      const { user: stranger } = await newUser(app);
      const { user: companion } = await newMember(app, await newProject(app), 'guest');
      const maintainer = await clientOf(app, owner);
      const other = await newProject(app);
      for (const user of [owner, companion]) {
        await giveRole(app, other, user, 'guest');
      }

      const unknown = await maintainer.post(members, { user_id: stranger.id, access_level: 10 });
      const missing = await maintainer.post(members, { user_id: MISSING, access_level: 10 });
      const known = await maintainer.post(members, { user_id: companion.id, access_level: 10 });
      const named = await maintainer.post(members, {
        username: stranger.username,
        access_level: 10,
      });

      expect([unknown.status, unknown.body]).to.deep.equal([missing.status, missing.body]);
      expect(unknown.body).to.deep.equal({ message: '404 User Not Found' });
      expect([known.status, named.status]).to.deep.equal([201, 201]);
    });

    it('are not added twice', async () => {
      const { user } = await newMember(app, project, 'guest');

      const answer = await admin.post(members, { user_id: user.id, access_level: 50 });

      expect(answer.status).to.equal(409);
      expect(answer.body).to.deep.equal({ message: 'Member already exists' });
      expect(fieldOf(await admin.get(`${members}/${user.id}`), 'access_level')).to.equal(10);
    });
  });

  describe('users', () => {
    it('are made with a password, or with none that anybody knows', async () => {
      const username = newName();
      const password = 'a long password';

      const made = await admin.post('/users', { username, name: 'Ada', email: 'a@b.c', password });
      const robot = await admin.post('/users', {
        username: newName(),
        force_random_password: true,
        admin: false,
      });

      expect([made.status, robot.status]).to.deep.equal([201, 201]);
      expect(made.body).to.include({ username, name: 'Ada', state: 'active', is_admin: false });
      expect(made.text).not.to.contain(password);
      expect(app.log()).not.to.contain(password);
    });

    for (const [what, input, status, body] of [
      ['no name', { password: 'a long password' }, 400, { error: 'username is missing' }],
      [
        'no password',
        { username: 'x' },
        400,
        {
          error:
            'password, reset_password, force_random_password are missing, at least one parameter must be provided',
        },
      ],
      [
        'a mail to set the password',
        { username: 'x', reset_password: true },
        400,
        { message: { reset_password: ['is not supported: Pullgate sends no mail'] } },
      ],
    ] as const) {
      it(`are refused with ${what}`, async () => {
        const answer = await admin.post('/users', input);

        expect(answer.status).to.equal(status);
        expect(answer.body).to.deep.equal(body);
      });
    }

    it('are told everything that is wrong at once', async () => {
      const answer = await admin.post('/users', { username: '-', name: ' ', password: 'short' });

      expect(answer.status).to.equal(400);
      const { message } = z
        .object({ message: z.record(z.string(), z.array(z.string())) })
        .parse(answer.body);
      expect(message).to.have.all.keys('username', 'name', 'password');
    });

    it('are refused by field with a short password, a bad username and a bad name', async () => {
      const good = { username: newName(), password: 'a long password' };

      const fields = [
        await admin.post('/users', { ...good, password: 'short' }),
        await admin.post('/users', { ...good, username: 'a b' }),
        await admin.post('/users', { ...good, name: '\t' }),
      ].map((answer) => [answer.status, Object.keys(MessageByField.parse(answer.body).message)]);

      expect(fields).to.deep.equal([
        [400, ['password']],
        [400, ['username']],
        [400, ['name']],
      ]);
    });

    it('have a username of their own, without regard to case', async () => {
      const { user } = await newUser(app);
      const input = { username: user.username.toUpperCase(), force_random_password: true };

      const answer = await admin.post('/users', input);

      expect(answer.status).to.equal(409);
      expect(answer.body).to.deep.equal({ message: 'Username has already been taken' });
    });

    it('are blocked and unblocked, and their tokens with them', async () => {
      const { user } = await newUser(app);
      const client = await clientOf(app, user);

      const blocked = await admin.post(`/users/${user.id}/block`);
      const during = await client.get('/user');
      const listed = await admin.get(`/users?blocked=true&search=${user.username}`);
      await admin.post(`/users/${user.id}/unblock`);
      const after = await client.get('/user');

      expect([blocked.status, blocked.body]).to.deep.equal([201, true]);
      expect([during.status, after.status]).to.deep.equal([401, 200]);
      expect(idsIn(listed)).to.deep.equal([user.id]);
      expect(idsIn(await admin.get(`/users?active=true&username=${user.username}`))).to.deep.equal([
        user.id,
      ]);
    });

    it('are removed, with their tokens, and gone for whoever looks', async () => {
      const { user } = await newUser(app);
      const client = await clientOf(app, user);

      const removed = await admin.delete(`/users/${user.id}`);

      expect(removed.status).to.equal(204);
      expect((await client.get('/user')).status).to.equal(401);
      for (const answer of [
        await admin.get(`/users/${user.id}`),
        await admin.delete(`/users/${user.id}`),
      ]) {
        expect(answer.status).to.equal(404);
        expect(answer.body).to.deep.equal({ message: '404 User Not Found' });
      }
      expect(idsIn(await admin.get(`/users?username=${user.username}`))).to.deep.equal([]);
    });

    // Terraform makes an account, destroys it and makes it again.
    it('can be made again where they never did anything', async () => {
      const input = { username: newName(), force_random_password: true };
      const first = await admin.post('/users', input);
      await admin.delete(`/users/${idIn(first)}`);

      const second = await admin.post('/users', input);

      expect(second.status).to.equal(201);
      expect(idIn(second)).to.be.greaterThan(idIn(first));
    });

    it('are not removed with all they made, nor by themselves', async () => {
      const { user } = await newUser(app);
      const self = idIn(await admin.get('/user'));

      const hard = await admin.delete(`/users/${user.id}?hard_delete=true`);

      expect(hard.status).to.equal(400);
      expect((await admin.delete(`/users/${self}`)).status).to.equal(409);
      expect((await admin.get(`/users/${user.id}`)).status).to.equal(200);
    });

    it('do not block themselves, and are 404 when there are none', async () => {
      const self = idIn(await admin.get('/user'));

      expect((await admin.post(`/users/${self}/block`)).status).to.equal(403);
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/block'],
        ['POST', '/unblock'],
      ] as const) {
        const answer = await admin.ask(method, `/users/${MISSING}${path}`);
        expect(answer.body).to.deep.equal({ message: '404 User Not Found' });
      }
    });

    it('are found by everybody who has their exact name, without private fields', async () => {
      const { user } = await newUser(app, { isAdmin: true });
      const client = await clientOf(app, (await newUser(app)).user);

      const found = await client.get(`/users?username=${user.username.toUpperCase()}`);

      expect(found.body).to.deep.equal([
        {
          id: user.id,
          username: user.username,
          name: user.displayName,
          state: 'active',
          avatar_url: null,
          web_url: null,
        },
      ]);
      expect(idsIn(await client.get('/users?username=nobody-of-this-name'))).to.deep.equal([]);
      // A filter by what the fields leave out would tell it.
      expect((await client.get(`/users?username=${user.username}&admins=true`)).body).to.deep.equal(
        (await client.get(`/users?username=${user.username}`)).body,
      );
      for (const query of ['', '?search=a', '?admins=true']) {
        expect((await client.get(`/users${query}`)).status).to.equal(403);
      }
    });

    it('see themselves by their number, and nobody else', async () => {
      const { user } = await newUser(app);
      const client = await clientOf(app, user);

      expect(idIn(await client.get(`/users/${user.id}`))).to.equal(user.id);
      expect((await client.get(`/users/${user.id + 1}`)).status).to.equal(403);
    });

    it('are found by name, part of a name and kind', async () => {
      const { user } = await newUser(app, { username: `Searched_${newName()}` });

      expect(
        idsIn(await admin.get(`/users?username=${user.username.toLowerCase()}`)),
      ).to.deep.equal([user.id]);
      expect(idsIn(await admin.get('/users?search=searched_'))).to.deep.equal([user.id]);
      expect(idsIn(await admin.get('/users?search=searched%25'))).to.deep.equal([]);
      expect(idsIn(await admin.get('/users?admins=true'))).not.to.include(user.id);
    });
  });

  describe('personal access tokens', () => {
    const INPUT = { name: 'script', scopes: ['read_api'] };

    it('are made, shown without their secret, listed and revoked', async () => {
      const { user } = await newUser(app);
      const client = await clientOf(app, user);

      const made = await client.post('/user/personal_access_tokens', {
        ...INPUT,
        expires_at: '2027-01-31',
      });
      const secret = textIn(made, 'token');
      const shown = await client.get(`/personal_access_tokens/${idIn(made)}`);
      const deleted = await client.delete(`/personal_access_tokens/${idIn(made)}`);

      expect(made.status).to.equal(201);
      expect(secret).to.match(/^glpat-[\w-]{32}$/);
      expect(made.body).to.deep.equal({ ...AnyObject.parse(shown.body), token: secret });
      expect(shown.body).to.include({
        name: 'script',
        user_id: user.id,
        active: true,
        revoked: false,
        expires_at: '2027-01-31',
      });
      expect(deleted.status).to.equal(204);
      expect((await apiClient(app, secret).get('/user')).status).to.equal(401);
      expect(
        fieldOf(await client.get(`/personal_access_tokens/${idIn(made)}`), 'revoked'),
      ).to.equal(true);
      expect(idsIn(await client.get('/personal_access_tokens?state=inactive'))).to.deep.equal([
        idIn(made),
      ]);
      expect(idsIn(await client.get('/personal_access_tokens?state=active'))).to.have.lengthOf(1);
    });

    it('revoke themselves', async () => {
      const client = await clientOf(app, (await newUser(app)).user);

      const self = await client.get('/personal_access_tokens/self');
      const deleted = await client.delete('/personal_access_tokens/self');

      expect([self.status, deleted.status]).to.deep.equal([200, 204]);
      expect((await client.get('/personal_access_tokens/self')).status).to.equal(401);
    });

    // A token that leaked makes itself a successor that never ends. One that a token makes of its own
    // user ends with that token at the latest.
    it('make none of the same user that outlives them', async () => {
      const { user } = await newUser(app);
      const end = new Date('2027-01-31T00:00:00Z');
      const { secret } = await newAccessToken(app, user, ['api'], end);
      const client = apiClient(app, secret);

      const endless = await client.post('/user/personal_access_tokens', INPUT);
      const same = await client.post('/user/personal_access_tokens', {
        ...INPUT,
        expires_at: '2027-01-31',
      });
      const later = await client.post('/user/personal_access_tokens', {
        ...INPUT,
        expires_at: '2027-02-01',
      });

      expect(fieldOf(endless, 'expires_at')).to.equal('2027-01-31');
      expect(same.status).to.equal(201);
      expect(later.status).to.equal(400);
      expect(textIn(later, 'message')).to.contain('2027-01-31');
    });

    it('of others are an administrator’s to see, by user', async () => {
      const { user } = await newUser(app);
      const client = await clientOf(app, user);
      const made = await admin.post(`/users/${user.id}/personal_access_tokens`, INPUT);

      const ofUser = await admin.get(`/personal_access_tokens?user_id=${user.id}`);
      const all = await admin.get('/personal_access_tokens?per_page=100');
      const foreign = await client.get(
        `/personal_access_tokens?user_id=${idIn(await admin.get('/user'))}`,
      );

      expect(idsIn(ofUser)).to.have.lengthOf(2).and.to.include(idIn(made));
      expect(idsIn(all).length).to.be.greaterThan(2);
      expect(foreign.status).to.equal(403);
      expect(idsIn(await client.get('/personal_access_tokens'))).to.deep.equal(idsIn(ofUser));
    });

    for (const [what, input, expected] of [
      ['nothing', {}, { error: 'name is missing, scopes is missing' }],
      [
        'an unknown scope',
        { ...INPUT, scopes: ['sudo'] },
        { error: 'scopes does not have a valid value' },
      ],
      [
        'a time for a date',
        { ...INPUT, expires_at: '2027-01-01T00:00:00Z' },
        { error: 'expires_at is invalid' },
      ],
      [
        'an expiry of today',
        { ...INPUT, expires_at: '2026-11-22' },
        { message: 'The expiry date must lie in the future.' },
      ],
    ] as const) {
      it(`are refused with ${what}`, async () => {
        const answer = await admin.post('/user/personal_access_tokens', input);

        expect(answer.status).to.equal(400);
        expect(answer.body).to.deep.equal(expected);
      });
    }
  });
});
